// The mail inbox: what the Gmail stand-in took.
import { h } from './dom.js';
import { clock, day, dayKey } from './format.js';
import { ask, every } from './net.js';
import { t } from './texts.js';

export class MailPane {
  key = 'mail';
  constructor(facts) {
    this.facts = facts;
    this.list = h('ul.mails', { 'aria-label': t('mails') });
    this.reader = h('div.reader', { hidden: true });
    this.empty = h('p.empty', {}, t('no_mails'));
    this.element = h('div.pane.mail', {}, this.empty, this.list, this.reader);
    this.known = null;
    this.news = new Set();
    every(2000, () => this.look());
  }

  seen() { this.news.clear(); if (!this.open && this.mails?.length) this.read(this.mails[0].id); }

  async look() {
    const { mails } = await ask('/sim/mail/mails');
    const print = mails.map((m) => m.id).join();
    if (print === this.print) return;
    this.print = print;
    const added = this.known ? mails.filter((m) => !this.known.has(m.id)) : [];
    this.known = new Set(mails.map((m) => m.id));
    for (const m of added) this.news.add(m.id);
    if (added.length && this.element.hidden) this.badge?.(this.news.size);
    this.mails = mails;
    this.empty.hidden = mails.length > 0;
    if (!mails.some((m) => m.id === this.open)) { this.open = null; this.reader.hidden = true; }
    this.draw();
    if (!this.open && mails.length && !this.element.hidden) this.read(mails[0].id);
  }

  draw() {
    const keep = this.list.contains(document.activeElement) ? document.activeElement.dataset.mail : null;
    this.list.replaceChildren(...this.mails.map((m) => this.entry(m)));
    if (keep) this.list.querySelector(`[data-mail="${keep}"]`)?.focus();
  }

  entry(m) {
    const staff = m.to.includes(this.facts.staff_mail);
    const when = dayKey(m.at) === new Date().toDateString() ? clock(m.at) : `${day(m.at)} ${clock(m.at)}`;
    return h('li', {}, h(`button.mail-item${this.news.has(m.id) ? '.unread' : ''}`, { type: 'button', 'aria-current': String(m.id === this.open), data: { mail: m.id, ref: m.ref ?? '' }, onclick: () => this.read(m.id) },
      h('span.mail-top', {}, h('b', {}, m.to.join(', ')), h('time', {}, when)), h('span.subject', {}, m.subject),
      h('span.tags', {}, h(`span.tag.${staff ? 'staff' : 'guest'}`, {}, staff ? t('staff_mail') : t('guest_mail')), m.repeat ? h('span.tag.cancelled', {}, t('repeat')) : null)));
  }

  async read(id) {
    this.open = id;
    this.news.delete(id);
    this.draw();
    const m = await ask(`/sim/mail/mails/${encodeURIComponent(id)}`);
    if (this.open !== id) return;
    const html = m.html
      ? h('iframe', { src: `/mail/${encodeURIComponent(id)}/html`, title: `${t('html_view')}: ${m.subject}`, sandbox: '', referrerPolicy: 'no-referrer' })
      : h('p.empty', {}, t('no_html'));
    this.reader.hidden = false;
    this.reader.replaceChildren(
      h('header', {}, h('h2', {}, m.subject), h('p', {}, `${t('from')}: ${m.from}`), h('p', {}, `${t('to')}: ${m.to.join(', ')}`),
        h('details', {}, h('summary', {}, t('headers')), h('dl', {}, (m.headers ?? []).map(([k, v]) => [h('dt', {}, k), h('dd', {}, v)])))),
      h('div.parts', {}, h('section', {}, h('h3', {}, t('html_view')), html), h('section', {}, h('h3', {}, t('text_view')), h('pre', { tabIndex: 0 }, m.text))));
  }
}
