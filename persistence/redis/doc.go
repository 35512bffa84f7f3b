// Package redis is what engines share besides the store, and never the truth:
// answers of hotel systems, and the pace of WhatsApp numbers and mail accounts.
//
//	Recall, Keep, Changed   a second level of the hotel systems' read cache
//	Take                    permits of a bucket that all engines draw from
//
// Redis may be away, slow or wiped at any time: no call waits for it longer
// than 50 ms, dialling and pool included, after three failures in a row none
// waits at all until a probe finds it quick again, and each call that had to
// do without is counted. Nothing in it concerns a person: keys are hashes, and
// the actors hand over only answers that name nobody.
package redis
