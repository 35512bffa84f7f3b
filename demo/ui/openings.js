// The six openings. `says` is what the guest writes, each a message of its own;
// `then` follows once the hotel has answered; `who` picks the phone.
import { t } from './texts.js';

export function openings(facts) {
  return [
    { icon: '🛏️', title: t('op_book'), says: ['Hola, quiero reservar una habitación'] },
    { icon: '💬', title: t('op_burst'), says: ['Hola', 'quiero reservar', 'para mañana, somos dos'] },
    { icon: '🇬🇧', title: t('op_english'), says: ['Hi! Do you have a double room for next Friday, two nights?'], who: facts.english_phone },
    { icon: '🐶', title: t('op_question'), says: ['Quiero una doble para el viernes que viene, dos noches'], then: '¿Puedo llevar al perro?' },
    { icon: '🔎', title: t('op_mine'), says: ['Quiero ver mi reserva'], who: facts.returning_phone,
      note: t('op_mine_note') },
    { icon: '🙋', title: t('op_person'), says: ['Quiero hablar con una persona'] },
  ];
}
