// The ideas to tap, and the form for one more guest.
import { h } from './dom.js';
import { openings } from './openings.js';
import { openSheet } from './sheet.js';
import { t } from './texts.js';

/** showOpenings lists the six openings; the staff's phone hands them to the first guest. */
export function showOpenings(phone, before = () => {}) {
  return h('div.openings', {}, openings(phone.facts).map((o, i) => h('button.opening', { type: 'button', data: { opening: i }, onclick: () => {
    before();
    const first = [...phone.live.guests.keys()].find((g) => g !== phone.facts.staff_phone);
    phone.play(phone.isStaff && !o.who ? { ...o, who: first } : o);
  } }, h('span.emoji', { 'aria-hidden': 'true' }, o.icon), h('span', {}, h('b', {}, o.title), h('small', {}, o.then ? `${o.says[0]} … ${o.then}` : o.says.join(' / ')), o.note ? h('small.note', {}, o.note) : null))));
}

/** addGuest asks for a name and a phone, and hands the phone to the new guest. */
export function addGuest(phone) {
  const name = h('input', { name: 'name', autocomplete: 'off', required: true, maxLength: 60, data: { first: '' } });
  const digits = h('input', { name: 'phone', inputMode: 'tel', autocomplete: 'off', required: true, placeholder: '+54 9 261 555-0150' });
  const error = h('p.form-error', { role: 'alert' });
  const form = h('form.new-guest', { noValidate: true }, h('label', {}, t('name'), name), h('label', {}, t('phone'), digits, h('small', {}, t('phone_hint'))), error,
    h('button.primary', { type: 'submit' }, t('add')));
  const close = openSheet(phone.screen, t('add_title'), form);
  form.addEventListener('submit', async (e) => {
    e.preventDefault();
    const number = digits.value.replace(/\D/g, '');
    if (!name.value.trim()) { error.textContent = t('bad_name'); name.focus(); return; }
    if (number.length < 8 || number.length > 15) { error.textContent = t('bad_phone'); digits.focus(); return; }
    try {
      await phone.live.add(name.value.trim(), number);
      close();
      phone.show(number);
    } catch (err) { error.textContent = t('failed', { why: err.message }); }
  });
}
