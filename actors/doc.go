// Package actors is the runtime: it turns rows into turns and turns into rows.
// It is the only room that imports protoactor.
//
//	root
//	├── guests ·· guest (id.activation)         one per active guest; guests keeps id -> PID, a guardian restarts them
//	├── pms/reads:property                      cache, single flight, breaker, rate
//	├── pms/writes:property                     creates and cancels, one at a time per lane
//	├── messenger/number:property               pace per number and pair, breaker, in doubt
//	├── mailer                                  mail to guests: Gmail, SMTP fallback
//	├── staff                                   alerts to people, joined per cause
//	└── sweeper                                 what is overdue is nudged
//
// The mailbox is never the record: an inbox row is. Every message here is a
// nudge or a fact about a row; a nudge that is lost costs a second, never a row.
// Memory changes after the commit, never before.
package actors
