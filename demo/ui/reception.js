// The reception's pane: who waits for a person, what was said, and a reply.
import { avatar, h } from './dom.js';
import { clock, phone } from './format.js';
import { ask, every, post } from './net.js';
import { t } from './texts.js';

const api = '/reception/admin/api';

export class ReceptionPane {
  key = 'reception';
  constructor() {
    this.list = h('ul.waiting', { 'aria-label': t('handoffs') });
    this.note = h('p.empty', { role: 'status' }, t('no_handoffs'));
    this.talk = h('div.talk', { hidden: true });
    this.lines = h('div.lines', { role: 'log', 'aria-live': 'polite', 'aria-label': t('transcript'), tabIndex: 0 });
    this.told = h('p.told', { role: 'status' });
    this.text = h('textarea', { rows: 2, placeholder: t('reply_as'), maxLength: 4096 });
    this.title = h('h2');
    this.label = h('label', {}, h('span.sr'), this.text);
    this.form = h('form.answer', {}, this.label, h('div.buttons', {}, h('button.primary', { type: 'submit' }, t('answer')), h('button.ghost', { type: 'button', onclick: () => this.close() }, t('finish'))));
    this.form.addEventListener('submit', (e) => { e.preventDefault(); this.reply(); });
    this.text.addEventListener('keydown', (e) => { if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) { e.preventDefault(); this.reply(); } });
    this.talk.append(this.title, this.lines, this.form);
    this.element = h('div.pane.reception', {}, h('p.pane-head', {}, h('a', { href: '/reception/', target: '_blank', rel: 'noopener' }, t('full_pages'))), this.note, this.list, this.talk, this.told);
    every(2000, () => this.look());
  }

  async look() {
    let open;
    try { open = await ask(`${api}/handoffs?open=1`); } catch (err) { this.note.hidden = false; this.note.textContent = t('reception_down'); throw err; }
    this.open = open;
    this.note.textContent = t('no_handoffs');
    this.note.hidden = open.length > 0;
    this.badge?.(open.filter((x) => x.state === 'open').length);
    const print = JSON.stringify([open, this.guest]);
    if (print !== this.print) { this.print = print; this.draw(); }
    if (!open.some((x) => x.guest === this.guest)) this.choose(open[0]?.guest ?? null);
    else if (!this.element.hidden) await this.read();
  }

  draw() {
    const had = this.list.contains(document.activeElement);
    this.list.replaceChildren(...this.open.map((x) => h('li', {}, h(`button.handoff.${x.state}`, { type: 'button', 'aria-current': String(x.guest === this.guest), data: { guest: x.guest }, onclick: () => this.choose(x.guest) },
      avatar(x.name || '?', x.address ?? x.guest), h('span', {}, h('b', {}, x.name || phone(x.address ?? '')), h('small', {}, `${t(`cause_${x.cause}`)} · ${t('since', { time: clock(x.opened) })}`)),
      h(`span.tag.${x.state}`, {}, t(`state_${x.state}`))))));
    if (had) this.list.querySelector('[aria-current=true]')?.focus();
  }

  choose(guest) {
    this.guest = guest;
    this.linesPrint = null;
    this.talk.hidden = !guest;
    this.print = null;
    if (!guest) return;
    const x = this.open.find((o) => o.guest === guest);
    const who = x?.name || phone(x?.address ?? '');
    this.title.replaceChildren(who, h('small', {}, phone(x?.address ?? '')));
    this.label.firstChild.textContent = t('reply', { name: who });
    this.draw();
    this.read().catch(() => {});
  }

  async read() {
    const guest = this.guest;
    const lines = await ask(`${api}/guests/${guest}/transcript?limit=100`);
    const print = JSON.stringify(lines);
    if (guest !== this.guest || print === this.linesPrint) return;
    this.linesPrint = print;
    lines.sort((a, b) => new Date(a.at) - new Date(b.at));
    this.lines.replaceChildren(...lines.map((l) => h(`div.line.${l.who}`, {}, h('small', {}, `${t(`who_${l.who}`)} · ${clock(l.at)}`), h('p', {}, l.text))));
    this.lines.scrollTop = this.lines.scrollHeight;
  }

  async reply() {
    const text = this.text.value.trim();
    if (!text || !this.guest) return;
    await this.act('reply', { text, by: t('tab_reception') }, t('replied'), () => { this.text.value = ''; });
  }

  close() { return this.act('close', { by: t('tab_reception') }, t('closed')); }

  async act(verb, body, done, then = () => {}) {
    try {
      await post(`${api}/handoffs/${this.guest}/${verb}`, body);
      this.tell(done);
      then();
      await this.look();
    } catch (err) { this.tell(t('failed', { why: err.message }), true); }
  }

  tell(text, bad = false) { this.told.textContent = text; this.told.classList.toggle('bad', bad); }
}
