// The faults: each switch tells a stand-in to misbehave, and shows its state.
import { h } from './dom.js';
import { addDays } from './format.js';
import { ask, every, post } from './net.js';
import { t } from './texts.js';

const on = (name, value = true, off = false) => ({ is: (s) => s[name] === value, on: { [name]: value }, off: { [name]: off } });

// A mail fault is one of many, so its switches exclude each other. The hotel's
// "booked but 500" is for creates only and hits each of them.
const faults = [
  { id: 'hotel_down', at: 'hotel', ...on('down') },
  { id: 'hotel_slow', at: 'hotel', ...on('slow_ms', 2000, 0) },
  { id: 'hotel_hang', at: 'hotel', ...on('hang') },
  { id: 'hotel_500', at: 'hotel', ...on('booked_but_500') },
  { id: 'wa_refuse', at: 'whatsapp', is: (s) => s.fail_codes?.length > 0, on: { fail_codes: [131047] }, off: { fail_codes: [] } },
  { id: 'wa_slow', at: 'whatsapp', ...on('slow_ms', 2000, 0) },
  { id: 'wa_cut', at: 'whatsapp', ...on('cut_after_accept') },
  { id: 'mail_down', at: 'mail', ...on('send', '503', '') },
  { id: 'mail_cut', at: 'mail', ...on('send', 'cut', '') },
  { id: 'mail_slow', at: 'mail', ...on('send', 'slow', '') },
];
const codes = [131047, 131026, 131056, 130429, 131000];

export class SwitchesPane {
  key = 'switches';
  constructor(banner) {
    this.banner = banner;
    this.state = { hotel: {}, whatsapp: {}, mail: {} };
    this.told = h('p.told', { role: 'status' });
    this.summary = h('p.summary', { role: 'status' }, t('all_well'));
    this.calm = h('button.primary', { type: 'button', disabled: true, onclick: () => this.reset() }, t('reset_all'));
    this.boxes = new Map(faults.map((f) => [f.id, this.toggle(f)]));
    this.code = h('select', { name: 'code', onchange: () => this.refuseWith() }, codes.map((c) => h('option', { value: c }, t(`code_${c}`))));
    const group = (at) => faults.filter((f) => f.at === at).map((f) => this.boxes.get(f.id).row);
    this.element = h('div.pane.switches', {},
      h('div.pane-head', {}, this.summary, this.calm),
      h('div.groups', {},
        h('fieldset', {}, h('legend', {}, t('g_hotel')), ...group('hotel')),
        h('fieldset', {}, h('legend', {}, t('g_rooms')), this.fillForm()),
        h('fieldset', {}, h('legend', {}, t('g_whatsapp')), ...group('whatsapp'), h('label.code', {}, t('wa_code'), this.code)),
        h('fieldset', {}, h('legend', {}, t('g_mail')), ...group('mail'))), this.told);
    every(3000, () => this.look());
  }

  toggle(f) {
    const box = h('input', { type: 'checkbox', role: 'switch', id: `sw-${f.id}`, onchange: () => this.flip(f, box.checked) });
    const state = h('small.state', {}, t('off'));
    return { box, state, row: h('label.switch', {}, box, h('i.knob', { 'aria-hidden': 'true' }), h('span', {}, h('b', {}, t(f.id)), h('small', {}, t(`${f.id}_hint`))), state) };
  }

  async look() {
    const [hotel, whatsapp, mail] = await Promise.all(['hotel', 'whatsapp', 'mail'].map((at) => ask(`/sim/${at}/switches`)));
    this.state = { hotel, whatsapp, mail };
    this.draw();
    if (!this.type.options.length) await this.fillTypes();
  }

  draw() {
    const active = faults.filter((f) => f.is(this.state[f.at]));
    for (const f of faults) {
      const { box, state, row } = this.boxes.get(f.id);
      box.checked = active.includes(f);
      row.classList.toggle('active', box.checked);
      state.textContent = box.checked ? t('on') : t('off');
    }
    const code = this.state.whatsapp.fail_codes?.[0];
    if (code && document.activeElement !== this.code) this.code.value = code;
    const names = active.map((f) => `${t(`g_${f.at}`)}: ${t(f.id)}`);
    this.summary.textContent = names.length ? `${t('faults_on')} ${names.length}` : t('all_well');
    this.calm.disabled = !names.length;
    const print = names.join();
    if (print === this.print) return;
    this.print = print;
    this.banner.hidden = !names.length;
    this.banner.replaceChildren(h('b', {}, `⚡ ${t('faults_on')}`), ...names.map((n) => h('span.chip', {}, n)), h('button.ghost', { type: 'button', onclick: () => this.reset() }, t('reset_all')));
    this.badge?.(names.length);
  }

  flip(f, checked) {
    const change = checked ? f.on : f.off;
    return this.change(f.at, f.id === 'wa_refuse' && checked ? { fail_codes: [Number(this.code.value)] } : change);
  }

  refuseWith() {
    if (this.state.whatsapp.fail_codes?.length) this.change('whatsapp', { fail_codes: [Number(this.code.value)] });
  }

  async change(at, body) {
    try { this.state[at] = await post(`/sim/${at}/switches`, body); this.tell(''); } catch (err) { this.tell(t('failed', { why: err.message }), true); }
    this.draw();
  }

  async reset() {
    for (const at of ['hotel', 'whatsapp', 'mail']) await this.change(at, Object.assign({}, ...faults.filter((f) => f.at === at).map((f) => f.off)));
  }

  fillForm() {
    const today = new Date().toLocaleDateString('sv-SE');
    this.type = h('select', { name: 'type' });
    this.from = h('input', { type: 'date', name: 'from', value: addDays(today, 1), min: today });
    this.to = h('input', { type: 'date', name: 'to', value: addDays(today, 3), min: today });
    return h('form.fill', { onsubmit: (e) => e.preventDefault() }, h('p', {}, t('fill_hint')),
      h('label.wide', {}, t('fill_type'), this.type), h('label', {}, t('fill_in'), this.from), h('label', {}, t('fill_out'), this.to),
      h('div.buttons', {}, h('button.primary', { type: 'button', data: { fill: 'one' }, onclick: () => this.fill(1) }, t('fill_one')), h('button.ghost', { type: 'button', data: { fill: 'all' }, onclick: () => this.fill(0) }, t('fill_all'))),
      h('button.ghost.danger', { type: 'button', title: t('restart_hint'), onclick: () => this.restart() }, t('restart_hotel')));
  }

  async fillTypes() {
    const s = await ask('/sim/hotel/state');
    this.type.replaceChildren(...s.room_types.map((rt) => h('option', { value: rt.id, selected: rt.id === 2 }, `${rt.name} (${rt.rooms.length})`)));
  }

  async fill(leave) {
    if (this.from.value >= this.to.value) { this.tell(t('fill_bad'), true); this.to.focus(); return; }
    try {
      const { booked } = await post('/sim/hotel/fill', { room_type: Number(this.type.value), check_in: this.from.value, check_out: this.to.value, leave });
      this.tell(t('filled', { n: booked, left: leave }));
    } catch (err) { this.tell(t('failed', { why: err.message }), true); }
  }

  async restart() {
    if (!confirm(t('restart_sure'))) return;
    try { await post('/sim/hotel/reset'); this.tell(t('restarted')); } catch (err) { this.tell(t('failed', { why: err.message }), true); }
  }

  tell(text, bad = false) { this.told.textContent = text; this.told.classList.toggle('bad', bad); }
}
