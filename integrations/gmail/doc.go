// Package gmail sends whole mails through the Gmail API: users.messages.send,
// with the scope gmail.send only and a refresh token.
//
//	Send --> pace --> access token --> POST messages/send --> id
//	                  |  refused: Unauthorised      |  401: a new token, once
//	                  |  away: NotSent              |  refused: by the table in errors.go
//	                                                |  5xx, cut, time-out: InDoubt
//
// There is no idempotency key, and Gmail replaces the Message-ID: after an
// unknown outcome nobody can ask what became of the mail. So Send never repeats
// by itself what may have left.
package gmail
