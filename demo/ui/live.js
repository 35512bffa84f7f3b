// What every phone shows: guests and threads, kept current by the stand-in's
// events. After a cut the threads are read anew, so nothing is missed.
import { ask, post } from './net.js';

const base = '/sim/whatsapp';
const ranks = { accepted: 1, sent: 2, failed: 3, delivered: 4, read: 5 }; // ticks only rise
const typingLasts = 25000; // as long as WhatsApp shows it

export class Live extends EventTarget {
  guests = new Map();
  threads = new Map();
  typing = new Map(); // phone -> timer
  unread = new Map(); // phone -> messages that no phone shows
  shown = () => false; // whether one does
  number = { verified_name: '', display_phone_number: '' };
  online = null;
  waiting = null; // events that came while the threads were read

  tell(type, detail = {}) { this.dispatchEvent(new CustomEvent(type, { detail })); }
  thread(phone) { return this.threads.get(phone) ?? []; }

  start() {
    const source = new EventSource(`${base}/events`);
    source.onopen = () => this.reload().then(() => this.set(true)).catch(() => this.again(source));
    source.onmessage = (e) => this.take(JSON.parse(e.data));
    source.onerror = () => {
      this.set(false);
      if (source.readyState === EventSource.CLOSED) this.again(source); // a 502: the browser gives up, we don't
    };
  }

  again(source) {
    source.close();
    this.set(false);
    setTimeout(() => this.start(), 1000);
  }

  set(online) {
    if (this.online === online) return;
    this.online = online;
    this.tell('online', { online });
  }

  async reload() {
    this.waiting = [];
    try { await this.read(); } finally {
      const events = this.waiting;
      this.waiting = null;
      for (const e of events) this.take(e);
    }
  }

  async read() {
    const [numbers, guests] = await Promise.all([ask(`${base}/numbers`), ask(`${base}/guests`)]);
    this.number = numbers[0] ?? this.number;
    this.guests = new Map(guests.map((g) => [g.phone, g]));
    const lists = await Promise.all(guests.map((g) => ask(`${base}/guests/${g.phone}/messages`)));
    this.threads = new Map(guests.map((g, i) => [g.phone, lists[i]]));
    this.tell('guests');
    this.tell('threads');
  }

  take(e) {
    if (this.waiting) { this.waiting.push(e); return; }
    if (e.type === 'reset') { this.reload().catch(() => {}); return; }
    if (e.type === 'guest') {
      this.guests.set(e.guest, e.profile);
      this.tell('guests');
      return;
    }
    if (e.type === 'typing') { this.setTyping(e.guest, true); return; }
    if (!e.message) return;
    const list = this.threads.get(e.guest) ?? [];
    const at = list.findLastIndex((m) => m.id === e.message.id);
    if (at >= 0 && ranks[e.message.status] < ranks[list[at].status]) return; // older than what was read
    if (at < 0) list.push(e.message); else list[at] = e.message;
    this.threads.set(e.guest, list);
    if (e.message.from === 'hotel' && e.type === 'message') this.setTyping(e.guest, false);
    if (at < 0 && e.message.from === 'hotel' && !this.shown(e.guest)) {
      this.unread.set(e.guest, (this.unread.get(e.guest) ?? 0) + 1);
      this.tell('unread');
    }
    this.tell('message', { guest: e.guest, message: e.message, fresh: at < 0 });
  }

  setTyping(guest, on) {
    clearTimeout(this.typing.get(guest));
    this.typing.delete(guest);
    if (on) this.typing.set(guest, setTimeout(() => this.setTyping(guest, false), typingLasts));
    this.tell('typing', { guest, on });
  }

  seen(guest) { if (this.unread.delete(guest)) this.tell('unread'); }
  type(guest, typed) { return post(`${base}/guests/${guest}/messages`, typed); }
  add(name, phone) { return post(`${base}/guests`, { name, phone }); }

  /** answered resolves at the hotel's next message to a guest, or after ms. */
  answered(guest, ms = 15000) {
    return new Promise((done) => {
      const end = () => { this.removeEventListener('message', look); clearTimeout(timer); done(); };
      const look = ({ detail: d }) => { if (d.fresh && d.guest === guest && d.message.from === 'hotel') end(); };
      const timer = setTimeout(end, ms);
      this.addEventListener('message', look);
    });
  }
}
