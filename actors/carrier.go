package actors

import (
	"context"
	"time"

	"github.com/conserje/conserje/hotel"
)

// carrier knows how one destination's rows leave: the part of a sender that
// differs from destination to destination. Its methods run outside the actor
// and are safe for concurrent use.
type carrier interface {
	// permit takes what the lane's next row needs to leave now. When there is
	// none it says how long to wait; 0 with false = until the carrier is open again.
	permit(lane hotel.Lane, now time.Time) (bool, time.Duration)
	// giveBack returns a permit that was not used.
	giveBack(lane hotel.Lane)
	// leave gives up the wait for a permit that was refused.
	leave(lane hotel.Lane)
	// carry sends a claimed row and says how it ended. It may take long.
	carry(ctx context.Context, row hotel.OutboxRow) outcome
	// resolve says how a row that was in doubt for the carrier's wait ends.
	// row is as the store holds it now; died tells that it was out when its
	// engine died.
	resolve(ctx context.Context, row hotel.OutboxRow, died bool) outcome
	// doubtWait is how long a row stays in doubt before it is resolved.
	doubtWait() time.Duration
}

// outcome is how a send ended: exactly one of its settlement or doubt counts.
type outcome struct {
	settle hotel.Settlement // when not in doubt and not repeat
	doubt  bool             // may have left, nobody knows
	repeat bool             // of resolve: claim it again and carry it once more
	later  time.Duration    // in doubt: look again after that; released: not before that
	moveTo hotel.Lane       // in doubt: wait in that lane, and free the one it stands in
	result string           // metric label: sent, released, dead, in_doubt, repeated ...
	// refused counts releases in a row, for backing off.
	refused bool
}

// proven is a send that is known to have had its effect.
func proven(proof string) outcome {
	return outcome{settle: hotel.Settlement{State: hotel.Settled, Proof: proof}, result: "sent"}
}

// released puts the row back: nothing left. The sender sets NotBefore by its
// backoff, unless after says more.
func released(after time.Duration) outcome {
	o := outcome{settle: hotel.Settlement{State: hotel.Pending}, result: "released", refused: true}
	o.later = after
	return o
}

// refusedOnce puts the row back though its request left and was refused for now.
func refusedOnce() outcome {
	o := released(0)
	o.settle.Counted = true
	o.result = "refused"
	return o
}

// dead gives the row up, with its reason.
func dead(reason string) outcome {
	return outcome{settle: hotel.Settlement{State: hotel.Dead, Reason: reason}, result: "dead"}
}

// lost gives a row up that was in doubt too often: it may have been sent.
func lost(row hotel.OutboxRow) outcome {
	o := dead(inDoubtSo(row))
	o.settle.InDoubt = true
	return o
}

// inDoubt leaves the row as sending.
func inDoubt() outcome { return outcome{doubt: true, result: "in_doubt"} }

// backoff is how long a lane waits after its nth release in a row: 1 s, 2, 4 ... up to a minute.
func backoff(n int) time.Duration {
	return min(time.Minute, time.Second<<min(n, 6))
}
