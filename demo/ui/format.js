// Dates, money and phones as people read them.
import { lang, t } from './texts.js';

const locale = lang === 'en' ? 'en-GB' : 'es-AR';
const zone = 'UTC'; // nights are dates, not instants

export const clock = (at) => new Date(at).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', hour12: false });
export const dayKey = (at) => new Date(at).toDateString();

export function day(at) {
  const d = new Date(at), today = new Date(), yesterday = new Date();
  yesterday.setDate(today.getDate() - 1);
  if (d.toDateString() === today.toDateString()) return t('today');
  if (d.toDateString() === yesterday.toDateString()) return t('yesterday');
  return d.toLocaleDateString(locale, { day: 'numeric', month: 'long', year: 'numeric' }).toUpperCase();
}

export const money = (amount, currency = 'ARS') => `${currency} ${Number(amount).toLocaleString(locale, { maximumFractionDigits: 2 })}`;

const utc = (date) => new Date(`${date}T00:00:00Z`);
export const addDays = (date, n) => new Date(utc(date).getTime() + n * 864e5).toISOString().slice(0, 10);
export const nightsBetween = (a, b) => Math.round((utc(b) - utc(a)) / 864e5);
export const weekday = (date) => utc(date).toLocaleDateString(locale, { weekday: 'narrow', timeZone: zone });
export const isWeekend = (date) => [0, 6].includes(utc(date).getUTCDay());
export const month = (date) => utc(date).toLocaleDateString(locale, { month: 'short', timeZone: zone }).replace('.', '');
export const shortDate = (date) => utc(date).toLocaleDateString(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone: zone }).replace('.,', ',').replace(/\.$/, '');
export const dayMonth = (date) => utc(date).toLocaleDateString(locale, { day: 'numeric', month: 'short', timeZone: zone }).replace('.', '');
export const dayOf = (date) => String(utc(date).getUTCDate());

/** phone groups digits for reading: +54 9 261 555-0102. */
export function phone(digits) {
  let m = /^549(11|\d{3})(\d{3,4})(\d{4})$/.exec(digits);
  if (m) return `+54 9 ${m[1]} ${m[2]}-${m[3]}`;
  m = /^44(\d{4})(\d{6})$/.exec(digits);
  return m ? `+44 ${m[1]} ${m[2]}` : `+${digits}`;
}
