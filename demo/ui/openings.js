// The six openings. `says` is what the guest writes, each a message of its own;
// `then` follows once the hotel has answered; `who` picks the phone.

export function openings(facts) {
  return [
    { icon: '🛏️', title: 'Reservar una habitación', says: ['Hola, quiero reservar una habitación'] },
    { icon: '💬', title: 'Tres burbujas seguidas', says: ['Hola', 'quiero reservar', 'para mañana, somos dos'] },
    { icon: '🇬🇧', title: 'An English guest', says: ['Hi! Do you have a double room for next Friday, two nights?'], who: facts.english_phone },
    { icon: '🐶', title: 'Una pregunta en el medio', says: ['Quiero una doble para el viernes que viene, dos noches'], then: '¿Puedo llevar al perro?' },
    { icon: '🔎', title: 'Ver mi reserva (Lucía)', says: ['Quiero ver mi reserva'], who: facts.returning_phone,
      note: 'LUCIAFERN · Fernández' },
    { icon: '🙋', title: 'Hablar con una persona', says: ['Quiero hablar con una persona'] },
  ];
}
