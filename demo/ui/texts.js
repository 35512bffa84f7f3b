// All texts of the page, by language. The guests' openings are in openings.js:
// they are messages, not labels.

const es = {
  skip: 'Ir al panel', phones: 'Teléfonos', panel: 'El hotel por dentro',
  safe: 'Nada sale de esta computadora; sirve cualquier e-mail.',
  online: 'En línea', offline: 'Sin conexión; reintentando…', other_lang: 'English',
  tab_phone: 'Teléfono', tab_hotel: 'Hotel', tab_mail: 'Correo', tab_reception: 'Recepción', tab_switches: 'Fallas',
  news: '{n} sin ver',
  // phone
  phone_of: 'Teléfono de {name}', staff_badge: 'Personal', guest_badge: 'Huésped', unread: '{n} sin leer',
  add_guest: 'Otro huésped', add_title: 'Agregar un huésped', name: 'Nombre', phone: 'Teléfono (con código de país)',
  phone_hint: 'Por ejemplo +54 9 261 555-0150', add: 'Agregar', cancel: 'Cancelar', bad_phone: 'Poné entre 8 y 15 dígitos.', bad_name: 'Poné un nombre.',
  business: 'Cuenta de empresa', typing: 'escribiendo…', chat: 'Conversación con el hotel', message: 'Mensaje', send: 'Enviar', attach: 'Adjuntar', ideas: 'Ideas para probar',
  voice: 'Nota de voz', photo: 'Foto', location: 'Ubicación', document: 'Documento', photo_caption: 'Les mando una foto', document_name: 'documento.pdf', place: 'Mi ubicación',
  unknown: 'Mensaje de un tipo desconocido', unsent: 'No se pudo enviar. Probá de nuevo.', encrypted: 'Conversación de demostración: los mensajes van por HTTP real entre el simulador de WhatsApp y el motor, sin salir de esta computadora.',
  op_book: 'Reservar una habitación', op_burst: 'Tres burbujas seguidas', op_english: 'Un huésped que escribe en inglés', op_question: 'Una pregunta en el medio', op_mine: 'Ver mi reserva (Lucía)', op_mine_note: 'Te pide código y apellido: LUCIAFERN Fernández', op_person: 'Hablar con una persona',
  try_title: '¿Por dónde empezamos?', try_hint: 'Tocá una idea o escribí lo que quieras.', staff_hint: 'A este teléfono llegan los avisos cuando un huésped necesita a una persona. Se contesta en la pestaña Recepción.',
  today: 'HOY', yesterday: 'AYER', close: 'Cerrar', template: 'Plantilla «{name}»', choose_hint: 'Elegí una opción', you: 'Vos', latest: 'Ir al último mensaje',
  tick_accepted: 'Aceptado', tick_sent: 'Enviado', tick_delivered: 'Entregado', tick_read: 'Leído', tick_failed: 'No se entregó (código {code})',
  // hotel
  free_tonight: 'Libres esta noche', arrivals: 'Llegan hoy', calendar: 'Calendario de habitaciones', room: 'Habitación',
  nights: '{n} noches', night: '1 noche', week_back: 'Una semana antes', week_on: 'Una semana después', today_short: 'Hoy', show_in_calendar: 'Ver {code} en el calendario', bookings: 'Reservas', code: 'Código', guest: 'Huésped', stay: 'Estadía', rooms: 'Hab.', total: 'Total', status: 'Estado',
  booked: 'Confirmada', cancelled: 'Cancelada', fresh: 'Nueva', no_hotel: 'El sistema del hotel no muestra nada todavía.', per_night: '{price} / noche', of: '{a} de {b}', tax_in: 'imp. incl. {tax}', adults: '{n} adultos', adult: '1 adulto', children: '{n} niños', child: '1 niño',
  from_chat: 'Reservas por el chat', source: 'Origen', front_desk: 'Mostrador',
  // mail
  mails: 'Bandeja de correo', no_mails: 'Todavía no hay correos. La confirmación de una reserva llega acá, sea cual sea la dirección que el huésped dé.',
  html_view: 'HTML', text_view: 'Texto', headers: 'Cabeceras', from: 'De', to: 'Para', repeat: 'Repetido', no_html: 'Este correo no tiene HTML.', staff_mail: 'Al personal', guest_mail: 'Al huésped',
  // reception
  handoffs: 'Esperan a una persona', no_handoffs: 'Nadie espera. Probá escribir «Quiero hablar con una persona» en un teléfono.', full_pages: 'Abrir las páginas de recepción', reply: 'Respuesta para {name}', reply_as: 'Escribí como recepción…', answer: 'Responder', finish: 'Cerrar y devolver al asistente', closed: 'Cerrada: el asistente sigue con el próximo mensaje.', replied: 'Enviado al huésped.', failed: 'No se pudo: {why}', reception_down: 'El motor no responde; reintentando…',
  state_open: 'Sin responder', state_answered: 'En conversación', state_closed: 'Cerrada', since: 'desde las {time}', transcript: 'Transcripción', who_guest: 'Huésped', who_bot: 'Asistente', who_staff: 'Recepción', who_note: 'Nota',
  cause_asked: 'Pidió hablar con una persona', cause_stuck: 'El asistente no avanza', cause_booking: 'Una reserva no se pudo hacer', cause_outage: 'El sistema del hotel no responde', cause_unanswered: 'Nadie le contestó', cause_undelivered: 'No se le puede escribir',
  // switches
  faults_on: 'Fallas activas:', all_well: 'Todo funciona. Rompé algo y mirá qué contesta el asistente.', reset_all: 'Quitar todas las fallas', on: 'Activa', off: 'Apagada',
  g_hotel: 'Sistema del hotel (QloApps)', g_whatsapp: 'WhatsApp', g_mail: 'Correo (Gmail)', g_rooms: 'La última habitación',
  hotel_down: 'Caído', hotel_down_hint: 'Corta cada conexión sin responder.', hotel_slow: 'Lento (2 s)', hotel_slow_hint: 'Responde bien, con dos segundos de demora.', hotel_hang: 'Colgado', hotel_hang_hint: 'Toma la pregunta y no contesta nunca.', hotel_500: 'Reserva, pero contesta 500', hotel_500_hint: 'La reserva queda hecha y la respuesta es un error.',
  wa_refuse: 'Rechaza los envíos', wa_refuse_hint: 'Cada mensaje del hotel vuelve con el código elegido.', wa_code: 'Código de rechazo', wa_slow: 'Lento (2 s)', wa_slow_hint: 'Acepta cada envío dos segundos después.', wa_cut: 'Se corta tras aceptar', wa_cut_hint: 'El mensaje sale, pero el motor no se entera: queda en duda.',
  code_131047: '131047 · fuera de las 24 horas', code_131026: '131026 · no se puede entregar', code_131056: '131056 · demasiados al mismo huésped', code_130429: '130429 · demasiados por segundo', code_131000: '131000 · algo falló',
  mail_down: 'Caído', mail_down_hint: 'Rechaza cada correo con 503; se reintenta.', mail_cut: 'Se corta tras aceptar', mail_cut_hint: 'El correo sale y la conexión se corta.', mail_slow: 'Lento (2 s)', mail_slow_hint: 'Acepta cada correo dos segundos después.',
  fill_hint: 'Ocupa las habitaciones de un tipo como si llegara gente al mostrador.', fill_type: 'Tipo', fill_in: 'Llegada', fill_out: 'Salida', fill_one: 'Dejar una', fill_all: 'Ocupar todas', filled: 'Ocupadas: {n}. Libres para toda la estadía: {left}.', fill_bad: 'La salida va después de la llegada.',
  restart_hotel: 'Volver el hotel al principio', restart_hint: 'Borra las reservas del sistema del hotel y pone las del comienzo.', restart_sure: '¿Borrar todas las reservas del sistema del hotel?', restarted: 'El hotel está como al principio.',
};

const en = {
  skip: 'Go to the panel', phones: 'Phones', panel: 'Inside the hotel',
  safe: 'Nothing leaves this machine; any e-mail works.',
  online: 'Online', offline: 'Not connected; trying again…', other_lang: 'Español',
  tab_phone: 'Phone', tab_hotel: 'Hotel', tab_mail: 'Mail', tab_reception: 'Reception', tab_switches: 'Faults',
  news: '{n} new',
  phone_of: '{name}’s phone', staff_badge: 'Staff', guest_badge: 'Guest', unread: '{n} unread',
  add_guest: 'Another guest', add_title: 'Add a guest', name: 'Name', phone: 'Phone (with country code)',
  phone_hint: 'For example +44 7700 900150', add: 'Add', cancel: 'Cancel', bad_phone: 'Use 8 to 15 digits.', bad_name: 'Give a name.',
  business: 'Business account', typing: 'typing…', chat: 'Conversation with the hotel', message: 'Message', send: 'Send', attach: 'Attach', ideas: 'Ideas to try',
  voice: 'Voice note', photo: 'Photo', location: 'Location', document: 'Document', photo_caption: 'A photo for you', document_name: 'document.pdf', place: 'My location',
  unknown: 'Message of an unknown type', unsent: 'It could not be sent. Try again.', encrypted: 'Demonstration chat: messages are real HTTP between the WhatsApp simulator and the engine, and stay on this machine.',
  op_book: 'Book a room', op_burst: 'Three bubbles in a row', op_english: 'An English guest', op_question: 'A question in the middle', op_mine: 'See my booking (Lucía)', op_mine_note: 'It asks for code and surname: LUCIAFERN Fernández', op_person: 'Talk to a person',
  try_title: 'Where shall we start?', try_hint: 'Tap an idea or write what you like.', staff_hint: 'This phone receives the alerts when a guest needs a person. Answer them under Reception.',
  today: 'TODAY', yesterday: 'YESTERDAY', close: 'Close', template: 'Template “{name}”', choose_hint: 'Choose an option', you: 'You', latest: 'To the latest message',
  tick_accepted: 'Accepted', tick_sent: 'Sent', tick_delivered: 'Delivered', tick_read: 'Read', tick_failed: 'Not delivered (code {code})',
  free_tonight: 'Free tonight', arrivals: 'Arriving today', calendar: 'Room calendar', room: 'Room',
  nights: '{n} nights', night: '1 night', week_back: 'A week back', week_on: 'A week on', today_short: 'Today', show_in_calendar: 'Show {code} in the calendar', bookings: 'Bookings', code: 'Code', guest: 'Guest', stay: 'Stay', rooms: 'Rooms', total: 'Total', status: 'Status',
  booked: 'Confirmed', cancelled: 'Cancelled', fresh: 'New', no_hotel: 'The hotel system shows nothing yet.', per_night: '{price} / night', of: '{a} of {b}', tax_in: 'tax incl. {tax}', adults: '{n} adults', adult: '1 adult', children: '{n} children', child: '1 child',
  from_chat: 'Booked by chat', source: 'Source', front_desk: 'Front desk',
  mails: 'Mail inbox', no_mails: 'No mail yet. The confirmation of a booking arrives here, whatever address the guest gives.',
  html_view: 'HTML', text_view: 'Text', headers: 'Headers', from: 'From', to: 'To', repeat: 'Repeated', no_html: 'This mail has no HTML.', staff_mail: 'To the staff', guest_mail: 'To the guest',
  handoffs: 'Waiting for a person', no_handoffs: 'Nobody waits. Try writing “I want to talk to a person” on a phone.', full_pages: 'Open the reception pages', reply: 'Reply to {name}', reply_as: 'Write as reception…', answer: 'Reply', finish: 'Close and return to the assistant', closed: 'Closed: the assistant takes the next message.', replied: 'Sent to the guest.', failed: 'It did not work: {why}', reception_down: 'The engine does not answer; trying again…',
  state_open: 'Unanswered', state_answered: 'In conversation', state_closed: 'Closed', since: 'since {time}', transcript: 'Transcript', who_guest: 'Guest', who_bot: 'Assistant', who_staff: 'Reception', who_note: 'Note',
  cause_asked: 'Asked for a person', cause_stuck: 'The assistant is stuck', cause_booking: 'A booking could not be made', cause_outage: 'The hotel system does not answer', cause_unanswered: 'Nobody has answered', cause_undelivered: 'Cannot be reached',
  faults_on: 'Faults on:', all_well: 'Everything works. Break something and see what the assistant says.', reset_all: 'Switch all faults off', on: 'On', off: 'Off',
  g_hotel: 'Hotel system (QloApps)', g_whatsapp: 'WhatsApp', g_mail: 'Mail (Gmail)', g_rooms: 'The last room',
  hotel_down: 'Down', hotel_down_hint: 'Cuts each connection without an answer.', hotel_slow: 'Slow (2 s)', hotel_slow_hint: 'Answers well, two seconds late.', hotel_hang: 'Hanging', hotel_hang_hint: 'Takes the question and never answers.', hotel_500: 'Booked, but answers 500', hotel_500_hint: 'The booking is made and the answer is an error.',
  wa_refuse: 'Refuses sends', wa_refuse_hint: 'Each message of the hotel comes back with the code chosen.', wa_code: 'Code of the refusal', wa_slow: 'Slow (2 s)', wa_slow_hint: 'Accepts each send two seconds late.', wa_cut: 'Cut after acceptance', wa_cut_hint: 'The message leaves, but the engine is not told: in doubt.',
  code_131047: '131047 · outside the 24 hours', code_131026: '131026 · undeliverable', code_131056: '131056 · too many to one guest', code_130429: '130429 · too many a second', code_131000: '131000 · something went wrong',
  mail_down: 'Down', mail_down_hint: 'Refuses each mail with 503; it is tried again.', mail_cut: 'Cut after acceptance', mail_cut_hint: 'The mail leaves and the connection is cut.', mail_slow: 'Slow (2 s)', mail_slow_hint: 'Accepts each mail two seconds late.',
  fill_hint: 'Takes rooms of a type as walk-in guests would.', fill_type: 'Type', fill_in: 'Arrival', fill_out: 'Departure', fill_one: 'Leave one', fill_all: 'Take all', filled: 'Taken: {n}. Free for the whole stay: {left}.', fill_bad: 'The departure comes after the arrival.',
  restart_hotel: 'Hotel back to the beginning', restart_hint: 'Deletes the hotel system’s bookings and makes the first ones again.', restart_sure: 'Delete all bookings of the hotel system?', restarted: 'The hotel is as in the beginning.',
};

export const languages = { es, en };
const wanted = new URLSearchParams(location.search).get('lang') || localStorage.getItem('lang');
export const lang = wanted in languages ? wanted : 'es';

/** t is a text, with {name} replaced. */
export function t(key, values = {}) {
  const text = languages[lang][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** translate sets the texts that stand in the HTML itself. */
export function translate(root = document) {
  document.documentElement.lang = lang;
  for (const e of root.querySelectorAll('[data-text]')) e.textContent = t(e.dataset.text);
  for (const e of root.querySelectorAll('[data-label]')) e.setAttribute('aria-label', t(e.dataset.label));
}
