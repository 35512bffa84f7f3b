// One message as WhatsApp draws it.
import { h, icon } from './dom.js';
import { clock } from './format.js';
import { marked, plain } from './marks.js';
import { t } from './texts.js';

/** bubble draws a message. `acts` are {tap(message, choice), open(message), quoted(id), hotel}. */
export function bubble(m, acts) {
  const mine = m.from === 'guest';
  const body = h('div.bubble', {}, quote(m, acts), content(m), meta(m));
  const box = h(`div.msg.${mine ? 'out' : 'in'}`, { data: { id: m.id, type: m.type } },
    h('span.sr', {}, `${mine ? t('you') : acts.hotel}: `), body);
  if (m.buttons?.length) {
    box.append(h('div.choices', {}, m.buttons.map((b) => h('button.choice', { type: 'button', data: { tap: b.id }, onclick: () => acts.tap(m, b) }, icon('reply', 18), b.title))));
  }
  if (m.list) {
    body.append(h('button.choice.opener', { type: 'button', onclick: () => acts.open(m) }, icon('list', 18), m.list.button));
  }
  return box;
}

/** meta is the time and the ticks; it is replaced when a status comes. */
export function meta(m) {
  return h('span.meta', {}, h('time', { dateTime: m.at }, clock(m.at)), ticks(m));
}

function ticks(m) {
  const label = t(`tick_${m.status}`, { code: m.code ?? '' });
  const e = h(`span.ticks.${m.status}`, { role: 'img', 'aria-label': label, title: label });
  if (m.status === 'failed') { e.append('!'); return e; }
  const twice = m.status === 'delivered' || m.status === 'read';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 17 12');
  svg.setAttribute('aria-hidden', 'true');
  const draw = m.status === 'accepted' ? ['M8 3v3l2 1.500M8 1a5 5 0 1 0 0 10A5 5 0 0 0 8 1'] : ['M1 6.600l3 3L10.500 2', twice && 'M6.800 8.900l.9.8L14.500 2'];
  for (const d of draw.filter(Boolean)) {
    const p = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    p.setAttribute('d', d);
    svg.append(p);
  }
  e.append(svg);
  return e;
}

function quote(m, acts) {
  const q = m.reply_to && m.type !== 'reaction' ? acts.quoted(m.reply_to) : null;
  if (!q) return null;
  return h('div.quote', {}, h('strong', {}, q.from === 'hotel' ? acts.hotel : t('you')), h('span', {}, preview(q)));
}

/** preview is a message in one line. */
export function preview(m) {
  if (m.template) return m.template.params?.join(' ') ?? m.template.name;
  return plain(m.text ?? '').replace(/\s+/g, ' ') || t({ voice: 'voice', audio: 'voice', image: 'photo', location: 'location', document: 'document' }[m.type] ?? 'unknown');
}

function content(m) {
  switch (m.type) {
    case 'template': return template(m.template);
    case 'voice': case 'audio': return voice(m);
    case 'image': case 'video': case 'sticker': return h('div.photo', {}, h('div.picture', { role: 'img', 'aria-label': t('photo') }), m.text && text(m.text));
    case 'location': return h('div.place', {}, h('div.map', { role: 'img', 'aria-label': t('location') }, icon('pin', 34)), h('b', {}, m.text || t('place')),
      h('small', {}, `${m.latitude?.toFixed(4) ?? ''}, ${m.longitude?.toFixed(4) ?? ''}`));
    case 'document': return h('div.file', {}, icon('file', 30), h('span', {}, h('b', {}, m.text || t('document_name')), h('small', {}, 'PDF · 84 kB')));
    default: return text(m.text || t('unknown'));
  }
}

const text = (s) => h('div.text', { dir: 'auto' }, marked(s));

function template(tp) {
  return h('div.template', {}, h('small', {}, t('template', { name: tp.name.replaceAll('_', ' ') })), (tp.params ?? []).map(text));
}

function voice(m) {
  const bars = [...m.id.slice(-30)].map((c) => {
    const bar = h('i');
    bar.style.height = `${4 + (c.charCodeAt(0) * 7) % 17}px`;
    return bar;
  });
  return h('div.voice', { role: 'img', 'aria-label': t('voice') }, icon('play', 28), h('span.wave', {}, bars), h('small', {}, '0:07'));
}
