// Package mail writes the hotel's mails and finds their way out.
//
// A Composer turns a hotel.Mail or a hotel.Alert into the bytes of a whole
// RFC 5322 message: words from the embedded locales, shape from the embedded
// templates, HTML and text of the same content. A Mailer sends them, for every
// property:
//
//	Mail, Alert --> Composer --> Gmail API --sent---------------> proof
//	                                |  account closed, or failing for minutes; probed by no mail
//	                                +-------> SMTP --------------> proof
//	                                |  outcome unknown, message refused, failing just now
//	                                +----------------------------> error, by its kind
//
// What a guest typed is a stranger's text: it is cleaned before it enters a
// header or a line, and a name that looks like a link is not written at all, so
// that nobody can use a hotel's mail to carry an advertisement.
package mail
