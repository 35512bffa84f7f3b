// Package smtp sends whole mails through an SMTP server: the way out when the
// Gmail API is closed to us.
//
//	dial, STARTTLS, AUTH, MAIL, RCPT --> DATA --> message, "." --> 250
//	nothing left: NotSent, Transient,     |
//	Unauthorised, Invalid, Throttled      +-- cut before the answer: InDoubt
//
// TLS is mandatory unless the settings say otherwise, which is for servers on
// loopback only. Configure another provider or account than the API's: the same
// Google account has the same daily limit.
package smtp
