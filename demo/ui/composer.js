// What a guest writes with: text, attachments, and ideas to tap.
import { h, icon } from './dom.js';
import { showOpenings } from './dialogs.js';
import { openSheet } from './sheet.js';
import { t } from './texts.js';

const attachments = () => [
  { icon: 'mic', label: t('voice'), color: '#e2653b', typed: { type: 'voice' } },
  { icon: 'photo', label: t('photo'), color: '#a43fc4', typed: { type: 'image', text: t('photo_caption') } },
  { icon: 'pin', label: t('location'), color: '#1b8f57', typed: { type: 'location', text: t('place'), latitude: -41.1335, longitude: -71.3103 } },
  { icon: 'file', label: t('document'), color: '#5a62d6', typed: { type: 'document' } },
];

/** composer makes the bar under the chat. */
export function composer(phone) {
  const input = h('textarea', { rows: 1, placeholder: t('message'), 'aria-label': t('message'), maxLength: 4096, enterKeyHint: 'send' });
  const send = h('button.round.send', { type: 'submit' });
  const form = h('form.composer', {},
    h('div.field', {},
      h('button.round', { type: 'button', 'aria-label': t('ideas'), title: t('ideas'), onclick: () => ideas(phone) }, icon('bulb', 22)),
      input,
      h('button.round', { type: 'button', 'aria-label': t('attach'), title: t('attach'), onclick: () => attach(phone) }, icon('clip', 22))),
    send);
  const grow = () => {
    input.style.height = 'auto';
    if (input.scrollHeight) input.style.height = `${Math.min(input.scrollHeight, 120)}px`; // 0: not on the page yet
    const empty = !input.value.trim();
    if (send.dataset.empty === String(empty)) return;
    send.dataset.empty = String(empty);
    send.setAttribute('aria-label', empty ? t('voice') : t('send'));
    send.replaceChildren(icon(empty ? 'mic' : 'send', 22));
  };
  const submit = async () => {
    const text = input.value.trim();
    if (!text) { await phone.send({ type: 'voice' }); return; }
    input.value = '';
    grow();
    if (!await phone.send({ type: 'text', text }) && !input.value) { input.value = text; grow(); }
  };
  form.addEventListener('submit', (e) => { e.preventDefault(); submit(); });
  input.addEventListener('input', grow);
  input.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' || e.shiftKey || e.isComposing) return;
    e.preventDefault();
    if (input.value.trim()) submit();
  });
  // Some keyboards send the character by itself, after the key was dealt with.
  input.addEventListener('keypress', (e) => { if (e.key === 'Enter' && !e.shiftKey) e.preventDefault(); });
  grow();
  return { element: form, clear: () => { input.value = ''; grow(); } };
}

function attach(phone) {
  const close = openSheet(phone.screen, t('attach'), h('div.attachments', {}, attachments().map((a) => {
    const disc = h('span.disc', {}, icon(a.icon, 26));
    disc.style.background = a.color;
    return h('button.attachment', { type: 'button', data: { attach: a.typed.type }, onclick: () => { close(); phone.send(a.typed); } }, disc, h('span', {}, a.label));
  })));
}

function ideas(phone) {
  const close = openSheet(phone.screen, t('ideas'), showOpenings(phone, () => close()));
}
