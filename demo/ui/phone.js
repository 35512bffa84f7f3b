// One phone: a strip of guests, and the chat of the one who holds it.
import { avatar, h, icon } from './dom.js';
import { bubble, meta } from './bubble.js';
import { composer } from './composer.js';
import { addGuest, showOpenings } from './dialogs.js';
import { day, dayKey, phone as phoneText } from './format.js';
import { marked } from './marks.js';
import { openSheet } from './sheet.js';
import { t } from './texts.js';

export class Phone {
  constructor(live, facts, guest) {
    Object.assign(this, { live, facts, guest, shown: new Map(), lastDay: '', follow: true });
    this.people = h('div.people', { role: 'tablist', 'aria-label': t('phones'), onkeydown: (e) => this.arrows(e) });
    this.strip = h('div.strip', {}, this.people, h('button.person.add', { type: 'button', title: t('add_guest'), onclick: () => addGuest(this) },
      h('span.avatar', { 'aria-hidden': 'true' }, icon('plus', 20)), h('span.first', {}, t('add'))));
    this.owner = h('p.owner');
    this.head = h('header.wa-head');
    this.log = h('div.log', { role: 'log', 'aria-live': 'polite', 'aria-label': t('chat'), tabIndex: 0 });
    this.down = h('button.to-end', { type: 'button', 'aria-label': t('latest'), hidden: true, onclick: () => this.toEnd() }, icon('down', 22));
    this.dots = h('div.msg.in.dots', { 'aria-hidden': 'true' }, h('div.bubble', {}, h('i'), h('i'), h('i')));
    this.error = h('p.wa-error', { role: 'alert', hidden: true });
    this.composer = composer(this);
    this.screen = h('div.screen', {}, this.owner, this.head, this.log, this.down, this.error, this.composer.element);
    this.element = h('article.phone', {}, this.strip, h('div.device', {}, this.screen));
    this.log.addEventListener('scroll', () => { this.follow = this.atEnd(); this.down.hidden = this.follow; });
    new ResizeObserver(() => { if (this.follow) this.toEnd(); }).observe(this.log);
    live.addEventListener('guests', () => { this.drawStrip(); this.drawHead(); });
    live.addEventListener('threads', () => this.draw());
    live.addEventListener('typing', ({ detail: d }) => { if (d.guest === this.guest) this.drawTyping(); });
    live.addEventListener('message', ({ detail: d }) => { if (d.guest === this.guest) this.heard(d); });
    live.addEventListener('unread', () => this.drawStrip());
    this.draw();
  }

  get isStaff() { return this.guest === this.facts.staff_phone; }
  get profile() { return this.live.guests.get(this.guest) ?? { name: '', phone: this.guest }; }

  /** show hands the phone to another guest. */
  show(guest) {
    this.guest = guest;
    this.composer.clear();
    this.screen.querySelector('.sheet-box')?.remove();
    this.draw();
    this.live.seen(guest);
  }

  draw() {
    this.drawStrip();
    this.drawHead();
    this.log.setAttribute('aria-busy', 'true');
    this.log.replaceChildren(h('p.notice', {}, t('encrypted')));
    this.shown.clear();
    this.lastDay = '';
    const thread = this.live.thread(this.guest);
    for (const m of thread) this.append(m);
    if (!thread.length) this.log.append(this.welcome());
    this.log.removeAttribute('aria-busy');
    this.drawTyping();
    this.toEnd();
  }

  /** drawStrip changes the tabs in place: one that is replaced under a finger loses the tap. */
  drawStrip() {
    const guests = [...this.live.guests.values()];
    if (guests.map((g) => g.phone).join() !== [...this.people.children].map((e) => e.dataset.phone).join()) this.people.replaceChildren(...guests.map((g) => this.tab(g)));
    guests.forEach((g, i) => this.mark(this.people.children[i], g));
    const chosen = this.people.querySelector('[aria-selected=true]');
    if (chosen) this.strip.scrollLeft = Math.max(0, chosen.offsetLeft - 120);
  }

  tab(g) {
    return h('button.person', { type: 'button', role: 'tab', data: { phone: g.phone }, onclick: () => this.show(g.phone) },
      avatar(g.name, g.phone), h('span.first'), h('span.badge'));
  }

  mark(tab, g) {
    const here = g.phone === this.guest, n = this.live.unread.get(g.phone) ?? 0, [, first, badge] = tab.children;
    tab.classList.toggle('here', here);
    tab.setAttribute('aria-selected', String(here));
    tab.tabIndex = here ? 0 : -1;
    tab.title = `${g.name} · ${phoneText(g.phone)}`;
    first.textContent = g.phone === this.facts.staff_phone ? t('staff_badge') : g.name.split(' ')[0];
    badge.hidden = n === 0;
    badge.textContent = String(n);
    badge.setAttribute('aria-label', t('unread', { n }));
  }

  arrows(e) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const all = [...this.live.guests.keys()];
    this.show(all[(all.indexOf(this.guest) + step + all.length) % all.length]);
    this.strip.querySelector('[aria-selected=true]')?.focus();
  }

  drawHead() {
    const name = this.live.number.verified_name || 'Hotel';
    this.status = h('small', {}, t('business'));
    this.head.replaceChildren(avatar(name), h('span.who', {}, h('b', {}, name, icon('verified', 15)), this.status));
    this.owner.replaceChildren(h('b', {}, this.profile.name), h('span', {}, phoneText(this.guest)));
    this.element.setAttribute('aria-label', t('phone_of', { name: this.profile.name }));
    this.element.classList.toggle('is-staff', this.isStaff);
  }

  drawTyping() {
    const on = this.live.typing.has(this.guest), follow = this.follow;
    this.status.textContent = on ? t('typing') : t('business');
    if (on) this.log.append(this.dots); else this.dots.remove();
    if (follow) this.toEnd();
  }

  welcome() {
    const box = h('div.welcome', {});
    if (this.isStaff) box.append(h('p', {}, t('staff_hint')));
    else box.append(h('h3', {}, t('try_title')), h('p', {}, t('try_hint')), showOpenings(this));
    return box;
  }

  append(m) {
    this.log.querySelector('.welcome')?.remove();
    if (dayKey(m.at) !== this.lastDay) {
      this.lastDay = dayKey(m.at);
      this.log.append(h('p.day', {}, day(m.at)));
    }
    const e = bubble(m, { hotel: this.live.number.verified_name, quoted: (id) => this.live.thread(this.guest).find((x) => x.id === id),
      tap: (of, c) => this.tap(of, c), open: (of) => this.openList(of) });
    const last = this.log.querySelector('.msg:not(.dots):last-of-type');
    if (!last || last.className !== e.className) e.classList.add('first');
    this.shown.set(m.id, e);
    this.log.append(e);
    return e;
  }

  heard({ message }) {
    const e = this.shown.get(message.id);
    if (e) { e.querySelector('.meta').replaceWith(meta(message)); return; }
    const follow = this.follow || message.from === 'guest';
    this.append(message).classList.add('pop');
    this.drawTyping();
    if (follow) this.toEnd();
  }

  /** looked is told when the phone comes into sight: only then has it a size. */
  looked() { this.drawStrip(); this.toEnd(); this.live.seen(this.guest); }

  atEnd() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60; }
  toEnd() { this.log.scrollTop = this.log.scrollHeight; this.follow = true; this.down.hidden = true; }

  openList(m) {
    const close = openSheet(this.screen, m.list.button, ...m.list.sections.map((s) => h('section', {}, s.title ? h('h4', {}, s.title) : null,
      ...s.rows.map((r) => h('button.row', { type: 'button', data: { tap: r.id }, onclick: () => { close(); this.tap(m, r); } },
        h('span', {}, h('b', {}, marked(r.title)), r.description ? h('small', {}, r.description) : null), h('i.radio', { 'aria-hidden': 'true' }))))));
  }

  tap(m, choice) { return this.send({ type: 'tap', tap_id: choice.id, tap_title: choice.title, reply_to: m.id }); }

  /** send lets the guest send; what fails is told, and the text stays in the composer. */
  async send(typed, guest = this.guest) {
    this.error.hidden = true;
    try {
      await this.live.type(guest, typed);
      return true;
    } catch {
      this.error.textContent = t('unsent');
      this.error.hidden = false;
      return false;
    }
  }

  /** play writes an opening: each bubble by itself, then what follows the answer. */
  async play(o) {
    const guest = o.who ?? this.guest;
    if (guest !== this.guest && this.live.guests.has(guest)) this.show(guest);
    const holder = this.guest;
    const answered = o.then ? this.live.answered(holder) : null;
    for (const text of o.says) if (!await this.send({ type: 'text', text }, holder)) return;
    if (!o.then) return;
    await answered;
    await this.send({ type: 'text', text: o.then }, holder);
  }
}
