// Package alert tells whoever runs the engine of trouble, apart from the
// hotel's staff.
//
//	trouble --> Operator --> log, metric
//	               |
//	               +--> once per cause, property and hour --> every way at once:
//	                                                          mail, webhook
//
// What is seen again within the hour is counted and told when the hour ends;
// what nobody could be told stays, and is tried again, ever more seldom.
package alert
