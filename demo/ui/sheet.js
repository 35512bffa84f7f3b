// A bottom sheet inside a phone: a list's rows, the attach menu, the ideas.
import { h, icon } from './dom.js';
import { t } from './texts.js';

/** openSheet shows content over the phone until it is closed; focus goes in and comes back. */
export function openSheet(phone, title, ...content) {
  const before = document.activeElement;
  const close = () => { box.remove(); phone.classList.remove('has-sheet'); before?.focus?.({ preventScroll: true }); };
  const x = h('button.round', { type: 'button', 'aria-label': t('close'), onclick: close }, icon('close', 20));
  const sheet = h('div.sheet', { role: 'dialog', 'aria-modal': 'true', 'aria-label': title }, h('header', {}, h('h3', {}, title), x), ...content);
  const box = h('div.sheet-box', { onclick: (e) => { if (e.target === box) close(); }, onkeydown: (e) => key(e, sheet, close) }, sheet);
  phone.querySelector('.sheet-box')?.remove();
  phone.append(box);
  phone.classList.add('has-sheet');
  (sheet.querySelector('[data-first]') ?? sheet.querySelector(':scope > header ~ * button') ?? x).focus({ preventScroll: true });
  return close;
}

function key(e, sheet, close) {
  if (e.key === 'Escape') { e.stopPropagation(); close(); return; }
  const all = [...sheet.querySelectorAll('button, input, textarea, select')].filter((b) => !b.disabled);
  const at = all.indexOf(document.activeElement);
  if (e.key === 'Tab') {
    e.preventDefault();
    all[(at + (e.shiftKey ? -1 : 1) + all.length) % all.length]?.focus();
  } else if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && document.activeElement?.tagName === 'BUTTON') {
    e.preventDefault();
    all[(at + (e.key === 'ArrowUp' ? -1 : 1) + all.length) % all.length]?.focus();
  }
}
