// Making elements. Text is always a text node: nothing a guest writes is markup.

/** h makes an element: h('p.big', {title: 'x'}, 'text', child). */
export function h(what, props = {}, ...children) {
  const [tag, ...classes] = what.split('.');
  const e = document.createElement(tag || 'div');
  if (classes.length) e.className = classes.join(' ');
  for (const [k, v] of Object.entries(props)) {
    if (v === undefined || v === null || v === false) continue;
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else if (k === 'data') Object.assign(e.dataset, v);
    else if (k in e && k !== 'list' && k !== 'form') e[k] = v;
    else e.setAttribute(k, v === true ? '' : v);
  }
  e.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

const paths = {
  send: 'M3 20.5v-6.8L12 12 3 10.3V3.5L22 12z',
  mic: 'M12 15a3.5 3.5 0 0 0 3.5-3.5v-5a3.5 3.5 0 0 0-7 0v5A3.5 3.5 0 0 0 12 15m6.2-3.5a6.2 6.2 0 0 1-12.4 0H4.3a7.7 7.7 0 0 0 6.9 7.6V22h1.6v-2.9a7.7 7.7 0 0 0 6.9-7.6z',
  clip: 'M16.5 6.2v10.3a4.5 4.5 0 0 1-9 0V5.4a2.9 2.9 0 0 1 5.8 0v9.9a1.3 1.3 0 0 1-2.6 0V6.2H9.2v9.1a2.8 2.8 0 0 0 5.6 0V5.4a4.4 4.4 0 0 0-8.8 0v11.1a6 6 0 0 0 12 0V6.2z',
  bulb: 'M9 21h6v-1.2H9zm3-19a7 7 0 0 0-4 12.7V17a1 1 0 0 0 1 1h6a1 1 0 0 0 1-1v-2.3A7 7 0 0 0 12 2',
  list: 'M4 6.5h2v-2H4zm4-2v2h12v-2zm-4 8.5h2v-2H4zm4-2v2h12v-2zm-4 8.5h2v-2H4zm4-2v2h12v-2z',
  reply: 'M10 9V5l-7 7 7 7v-4.1c5 0 8.5 1.6 11 5.1-1-5-4-10-11-11',
  play: 'M8 5v14l11-7z', plus: 'M19 13h-6v6h-2v-6H5v-2h6V5h2v6h6z', down: 'M12 15.5 5.5 9 7 7.5l5 5 5-5L18.5 9z',
  photo: 'M21 19V5a2 2 0 0 0-2-2H5a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2M8.5 13.5l2.5 3 3.5-4.5 4.5 6H5z',
  pin: 'M12 2a7 7 0 0 0-7 7c0 5.2 7 13 7 13s7-7.8 7-13a7 7 0 0 0-7-7m0 9.5A2.5 2.5 0 1 1 12 6.500a2.5 2.5 0 0 1 0 5',
  file: 'M6 2a2 2 0 0 0-2 2v16c0 1.100.9 2 2 2h12a2 2 0 0 0 2-2V8l-6-6zm7 7V3.500L18.500 9z',
  tick: 'M1.500 6.600l3 3L11 3', close: 'M19 6.400 17.600 5 12 10.600 6.400 5 5 6.400 10.600 12 5 17.600 6.400 19 12 13.400 17.600 19 19 17.600 13.400 12z',
  verified: 'm23 12-2.400-2.800.3-3.700-3.600-.8-1.900-3.200L12 3 8.600 1.500 6.700 4.700l-3.600.8.3 3.700L1 12l2.400 2.800-.3 3.700 3.600.8 1.900 3.200L12 21l3.400 1.500 1.900-3.200 3.600-.8-.3-3.700zm-13 5-4-4 1.400-1.400 2.600 2.600 6.600-6.600L18 9z',
};

/** icon draws one of the page's icons. */
export function icon(name, size = 24) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [k, v] of Object.entries({ viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true', class: `icon icon-${name}` })) svg.setAttribute(k, v);
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', paths[name]);
  path.setAttribute('fill', 'currentColor');
  svg.append(path);
  return svg;
}

/** initials of a name, for an avatar. */
export function initials(name) {
  const words = name.replace(/\(.*\)/, '').trim().split(/\s+/);
  return (words[0]?.[0] ?? '?') + (words.length > 1 ? words.at(-1)[0] : '');
}

/** hue of an avatar, the same each time. */
export function hue(text) {
  let n = 0;
  for (const c of text) n = (n * 31 + c.codePointAt(0)) % 360;
  return n;
}

export function avatar(name, key = name) {
  const e = h('span.avatar', { 'aria-hidden': 'true' }, initials(name));
  e.style.setProperty('--hue', hue(key));
  return e;
}
