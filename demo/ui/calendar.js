// Rooms by nights. A stay's bar goes from noon of its arrival to noon of its
// departure, so two guests meet in one day's cell, as they do at the desk.
import { h } from './dom.js';
import { addDays, dayOf, isWeekend, money, month, nightsBetween, shortDate, weekday } from './format.js';
import { t } from './texts.js';

/** fromChat tells a booking that the engine made: its source is the engine's own reference. */
export const fromChat = (b) => /^wa-/i.test(b.source);

/** calendar fills box with `nights` nights from `from` on; `acts` are {choose(order), move(nights)}. */
export function calendar(box, state, from, nights, fresh, acts) {
  const days = Array.from({ length: nights }, (_, i) => addDays(from, i)), choose = acts.choose;
  const sheet = h('div.calendar');
  sheet.style.setProperty('--nights', nights);
  sheet.append(h('div.cal-row.cal-head', {}, head(from === state.today, acts.move), h('div.cal-days', {}, days.map((d, i) =>
    h(`div.cal-day${isWeekend(d) ? '.weekend' : ''}${d === state.today ? '.now' : ''}`, {}, h('small', {}, i === 0 || dayOf(d) === '1' ? month(d) : weekday(d)), h('b', {}, dayOf(d)))))));
  for (const rt of state.room_types) {
    const free = days.map((d) => rt.rooms.length - taken(state, rt, d));
    sheet.append(h('div.cal-row.cal-type', {}, h('div.cal-label', { title: rt.name }, h('b', {}, rt.name), h('small', {}, t('per_night', { price: money(rt.price, state.currency) }))),
      h('div.cal-days', {}, free.map((n) => h(`div.cal-free${n === 0 ? '.none' : n === 1 ? '.last' : ''}`, {}, String(n))))));
    for (const room of rt.rooms) sheet.append(row(state, room, days, fresh, choose));
  }
  const [x, y] = [box.scrollLeft, box.scrollTop];
  box.replaceChildren(sheet);
  box.scrollTo(x, y);
}

/** head is the corner: a week back, today, a week on. */
function head(now, move) {
  const go = (text, label, by, props = {}) => h('button.step', { type: 'button', 'aria-label': label, title: label, data: { step: by }, onclick: () => move(by), ...props }, text);
  return h('div.cal-label.steps', {}, go('‹', t('week_back'), -7, { disabled: now }), go(t('today_short'), t('today_short'), 0, { disabled: now }), go('›', t('week_on'), 7));
}

function taken(state, rt, d) {
  const rooms = new Set();
  for (const b of state.bookings) for (const r of b.rooms) if (r.active && r.room_type === rt.id && r.check_in <= d && r.check_out > d) rooms.add(r.room);
  return rooms.size;
}

function row(state, room, days, fresh, choose) {
  const track = h('div.cal-days.track', {}, days.map((d) => h(`div.cal-cell${isWeekend(d) ? '.weekend' : ''}`)));
  const end = addDays(days.at(-1), 1);
  for (const b of state.bookings) {
    for (const r of b.rooms) {
      if (!r.active || r.room !== room.id || r.check_out <= days[0] || r.check_in >= end) continue;
      track.append(bar(b, r, days, fresh.has(b.order), choose));
    }
  }
  return h('div.cal-row', {}, h('div.cal-label.number', {}, room.number), track);
}

function bar(b, r, days, isNew, choose) {
  const from = nightsBetween(days[0], r.check_in), to = nightsBetween(days[0], r.check_out);
  const name = `${b.guest.first_name} ${b.guest.last_name}`;
  const short = `${b.guest.first_name.slice(0, 1)}. ${b.guest.last_name}`;
  const group = b.source === 'Congreso de la Cordillera', walkIn = name === 'Walk In';
  const e = h(`button.stay${isNew ? '.fresh' : ''}${fromChat(b) ? '.chat' : ''}${group || walkIn ? '.group' : ''}`, { type: 'button', data: { code: b.code },
    title: `${b.code} · ${name} · ${shortDate(r.check_in)} → ${shortDate(r.check_out)}`, onclick: () => choose(b.order) },
  h('b', {}, group ? b.source : walkIn ? t('front_desk') : short), h('span', {}, b.code));
  const left = Math.max(from + 0.5, 0), right = Math.min(to + 0.5, days.length);
  e.style.left = `calc(${left / days.length} * 100% + 1px)`;
  e.style.width = `calc(${(right - left) / days.length} * 100% - 2px)`;
  if (from < 0) e.classList.add('from-before');
  if (to >= days.length) e.classList.add('goes-on');
  return e;
}
