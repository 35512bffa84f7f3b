// The hotel's view: what its own system holds, read each second and a half.
import { calendar, fromChat } from './calendar.js';
import { h } from './dom.js';
import { addDays, dayMonth, money, nightsBetween } from './format.js';
import { ask, every } from './net.js';
import { t } from './texts.js';

const freshFor = 45000;

export class HotelPane {
  key = 'hotel';
  constructor(live) {
    this.live = live;
    this.known = null; // orders seen at the first look
    this.fresh = new Map(); // order -> when it appeared
    this.news = 0;
    this.ahead = 0; // nights from today to the calendar's first
    this.tiles = h('div.tiles', { role: 'status' });
    this.grid = h('div.calendar-box', { tabIndex: 0, role: 'region', 'aria-label': t('calendar') });
    this.list = h('div.bookings');
    this.element = h('div.pane.hotel', {}, this.tiles, this.grid, this.list, h('p.empty', {}, t('no_hotel')));
    every(1500, () => this.look());
    new ResizeObserver(() => this.fit()).observe(this.element);
  }

  nights() { return this.element.clientWidth > 900 ? 21 : 14; }
  fit() { if (this.state && this.drawnNights !== this.nights()) this.draw(); }
  seen() { this.news = 0; }

  async look() {
    const state = await ask('/sim/hotel/state');
    const ids = state.bookings.map((b) => b.order);
    const added = this.known ? ids.filter((id) => !this.known.has(id)) : [];
    this.known = new Set(ids);
    for (const id of added) this.fresh.set(id, Date.now());
    for (const [id, at] of this.fresh) if (Date.now() - at > freshFor || !this.known.has(id)) this.fresh.delete(id);
    if (added.length && this.element.hidden) this.badge?.(this.news += added.length);
    const print = JSON.stringify([state.bookings, state.today, [...this.fresh.keys()]]);
    if (print === this.print) return;
    this.print = print;
    this.state = state;
    this.draw();
    const newest = state.bookings.find((b) => b.order === added.at(-1));
    if (newest) this.reveal(newest);
  }

  draw() {
    const s = this.state, tonight = s.today;
    this.drawnNights = this.nights();
    const rooms = s.room_types.reduce((n, rt) => n + rt.rooms.length, 0);
    const active = s.bookings.filter((b) => b.status === 'booked');
    const taken = new Set(active.flatMap((b) => b.rooms.filter((r) => r.active && r.check_in <= tonight && r.check_out > tonight).map((r) => r.room))).size;
    const arrivals = active.filter((b) => b.check_in === tonight).length;
    const made = s.bookings.filter(fromChat).length;
    this.element.querySelector('.empty').hidden = true;
    this.tiles.replaceChildren(tile(t('free_tonight'), rooms - taken, t('of', { a: rooms - taken, b: rooms })), tile(t('arrivals'), arrivals), tile(t('from_chat'), made));
    this.drawCalendar();
    this.drawList();
  }

  drawCalendar() {
    const held = this.grid.contains(document.activeElement) ? document.activeElement.dataset : {};
    calendar(this.grid, this.state, this.from(), this.drawnNights, this.fresh, { choose: (order) => this.find(order), move: (by) => this.move(by) });
    const again = held.step ? `[data-step="${held.step}"]` : held.code ? `[data-code="${held.code}"]` : '';
    if (again) this.grid.querySelector(again)?.focus({ preventScroll: true });
  }

  from() { return addDays(this.state.today, this.ahead); }
  move(by) { this.ahead = by ? Math.max(0, this.ahead + by) : 0; this.drawCalendar(); }

  /** reveal brings a booking's bar into sight, moving on to its week when it must. */
  reveal(b) {
    const at = nightsBetween(this.state.today, b.check_in);
    if (at < this.ahead || at >= this.ahead + this.drawnNights) { this.ahead = Math.max(0, at - 3); this.drawCalendar(); }
    const bar = this.grid.querySelector(`.stay[data-code="${b.code}"]`);
    if (this.element.offsetParent) bar?.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: calm() ? 'auto' : 'smooth' });
    return bar;
  }

  drawList() {
    const rows = [...this.state.bookings].sort((a, b) => b.order - a.order).map((b) => this.row(b));
    this.list.replaceChildren(h('h2', {}, t('bookings'), h('small', {}, String(rows.length))),
      h('table', {}, h('thead', {}, h('tr', {}, ...['code', 'guest', 'stay', 'rooms', 'total', 'status'].map((k) => h('th', { scope: 'col' }, t(k))))), h('tbody', {}, rows)));
  }

  row(b) {
    const n = nightsBetween(b.check_in, b.check_out);
    const types = [...new Set(b.rooms.map((r) => this.state.room_types.find((rt) => rt.id === r.room_type)?.name))].join(', ');
    const adults = b.rooms.reduce((x, r) => x + r.adults, 0), children = b.rooms.reduce((x, r) => x + r.children, 0);
    const people = [adults === 1 ? t('adult') : t('adults', { n: adults }), children ? (children === 1 ? t('child') : t('children', { n: children })) : ''].filter(Boolean).join(', ');
    return h(`tr${this.fresh.has(b.order) ? '.fresh' : ''}${b.status === 'cancelled' ? '.cancelled' : ''}`, { data: { order: b.order, code: b.code } },
      h('td', {}, h('button.code-link', { type: 'button', title: t('show_in_calendar', { code: b.code }), onclick: () => this.reveal(b)?.focus() }, h('code', {}, b.code)), this.fresh.has(b.order) ? h('span.tag.new', {}, t('fresh')) : null),
      h('td', {}, h('b', {}, `${b.guest.first_name} ${b.guest.last_name}`), h('small.mail-address', { title: b.guest.email }, b.guest.email)),
      h('td', {}, h('span.dates', {}, `${dayMonth(b.check_in)} → ${dayMonth(b.check_out)}`), h('small', {}, `${n === 1 ? t('night') : t('nights', { n })} · ${people}`)),
      h('td', {}, b.rooms.map((r) => r.number).join(', '), h('small', {}, types)),
      h('td.num', {}, h('b', {}, money(b.total, this.state.currency)), h('small', {}, t('tax_in', { tax: money(b.tax, '').trim() }))),
      h('td', {}, h(`span.tag.${b.status}`, {}, t(b.status)), h('small', {}, source(b))));
  }

  find(order) {
    const row = this.list.querySelector(`[data-order="${order}"]`);
    row?.scrollIntoView({ block: 'center', behavior: calm() ? 'auto' : 'smooth' });
    row?.classList.remove('found');
    requestAnimationFrame(() => row?.classList.add('found'));
  }
}

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
const source = (b) => (fromChat(b) ? 'WhatsApp' : b.source === 'front desk' ? t('front_desk') : b.source);
const tile = (label, value, more) => h('div.tile', {}, h('b', {}, String(value)), h('span', {}, label), more ? h('small', {}, more) : null);
