// The page: phones on the left, the hotel's inside on the right; on a small
// screen one of them at a time.
import { h } from './dom.js';
import { HotelPane } from './hotel.js';
import { Live } from './live.js';
import { MailPane } from './mail.js';
import { ask } from './net.js';
import { Phone } from './phone.js';
import { ReceptionPane } from './reception.js';
import { SwitchesPane } from './switches.js';
import { lang, t, translate } from './texts.js';

const get = (id) => document.getElementById(id);

async function start() {
  translate();
  const other = get('lang');
  other.textContent = t('other_lang');
  other.lang = lang === 'es' ? 'en' : 'es';
  other.addEventListener('click', () => {
    localStorage.setItem('lang', lang === 'es' ? 'en' : 'es');
    const url = new URL(location);
    url.searchParams.delete('lang');
    if (url.href === location.href) location.reload(); else location.replace(url);
  });
  const facts = await patient(() => ask('/demo.json'));
  const live = new Live();
  live.addEventListener('online', ({ detail: d }) => {
    get('online').textContent = d.online ? t('online') : t('offline');
    get('online').dataset.online = d.online;
  });
  live.addEventListener('guests', () => { get('hotel-name').textContent = live.number.verified_name; });

  const phones = [new Phone(live, facts, '5492615550102'), new Phone(live, facts, facts.staff_phone)];
  live.shown = (guest) => phones.some((p) => p.guest === guest && p.element.offsetParent);
  get('phones').append(...phones.map((p) => p.element));
  const panes = [new HotelPane(live), new MailPane(facts), new ReceptionPane(), new SwitchesPane(get('faults'))];
  tabs([{ key: 'phone', seen: () => phones.forEach((p) => p.looked()) }, ...panes]);
  live.start();
}

/** patient asks until there is an answer: the engine may be starting. */
async function patient(work) {
  for (;;) {
    try { return await work(); } catch { await new Promise((r) => setTimeout(r, 1000)); }
  }
}

function tabs(entries) {
  const list = get('tabs');
  const buttons = entries.map((p) => {
    const badge = h('span.badge', { hidden: true });
    const b = h('button.tab', { type: 'button', role: 'tab', id: `tab-${p.key}`, 'aria-controls': p.key === 'phone' ? 'phones' : `pane-${p.key}`, data: { tab: p.key }, onclick: () => { location.hash = p.key; } }, h('span.tab-icon', { 'aria-hidden': 'true' }, icons[p.key]), h('span', {}, t(`tab_${p.key}`)), badge);
    p.badge = (n) => {
      badge.hidden = !n || document.body.dataset.tab === p.key;
      badge.textContent = n;
      if (n) badge.setAttribute('aria-label', t('news', { n }));
    };
    if (p.element) {
      Object.assign(p.element, { id: `pane-${p.key}` });
      p.element.setAttribute('role', 'tabpanel');
      p.element.setAttribute('aria-labelledby', `tab-${p.key}`);
      get('panes').append(p.element);
    }
    return b;
  });
  list.append(...buttons);
  list.addEventListener('keydown', (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const seen = buttons.filter((b) => b.offsetParent);
    const next = seen[(seen.indexOf(document.activeElement) + step + seen.length) % seen.length];
    next.focus();
    next.click();
  });
  const show = () => {
    const wide = matchMedia('(min-width: 900px)').matches;
    let key = location.hash.slice(1);
    if (!entries.some((p) => p.key === key) || (wide && key === 'phone')) key = wide ? 'hotel' : 'phone';
    document.body.dataset.tab = key;
    entries.forEach((p, i) => {
      buttons[i].setAttribute('aria-selected', String(p.key === key));
      buttons[i].tabIndex = p.key === key ? 0 : -1;
      if (p.element) p.element.hidden = p.key !== key;
      if (p.key === key) { p.badge(0); p.seen?.(); }
    });
  };
  addEventListener('hashchange', show);
  matchMedia('(min-width: 900px)').addEventListener('change', show);
  show();
}

const icons = { phone: '💬', hotel: '🏨', mail: '✉️', reception: '🛎️', switches: '⚡' };

start();
