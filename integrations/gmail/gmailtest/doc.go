// Package gmailtest is a stand-in for the Gmail API and its token endpoint:
// what tests, the demo and the bench send to instead of Google.
//
//	POST /token                                  good, invalid_grant, slow, 500 ...
//	POST /gmail/v1/users/me/messages/send        strict base64url, a mail that parses,
//	                                             units per minute, daily limit, faults
//	GET  /sim/mails, /sim/mails/{id}             the inbox page's data
//	GET, POST /sim/switches                      the fault switches
//	POST /sim/reset                              empties the mailbox, switches off
//
// What it took is kept in Dir as JSON lines, replayed at start, as Gmail would
// keep it: with a Message-ID of its own, without Bcc.
package gmailtest
