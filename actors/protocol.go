package actors

import (
	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// Commands.
type (
	// HandleInput hands a committed inbox row to its guest. engine, senders -> guests -> guest.
	HandleInput struct {
		Row      hotel.InboxRow
		Property hotel.PropertyID
		// New says that the row's accept made the guest: there is no snapshot to read.
		New bool
	}
	// Wake says that rows or the due instant may wait. sweeper, engine -> guests -> guest.
	Wake struct {
		Guest hotel.GuestID
	}
	// TakeTurn asks the guest for a turn over what waits. guest -> itself, behind what is queued.
	TakeTurn struct{}
	// Retire asks to forget an activation and poison it. guest -> guests.
	Retire struct {
		Guest      hotel.GuestID
		Activation int64
	}
	// Ask asks a property's hotel system. guest -> pms reads.
	Ask struct {
		Set     conversation.ReadSet
		ReplyTo *actor.PID
	}
	// SendRow hands over a row that is claimed. guest, sender -> sender.
	SendRow struct {
		Row hotel.OutboxRow
	}
	// NudgeLane says that a lane may have a claimable row. guest, sweeper, engine -> sender.
	NudgeLane struct {
		Lane hotel.Lane
	}
	// TakeUp says that a row is claimed by us; who does not hold it takes it up. sweeper -> sender.
	TakeUp struct {
		Row hotel.OutboxRow
	}
	// MarkRead marks a guest's message read, best effort. guest -> sender of the number.
	MarkRead struct {
		MessageID string
	}
	// Release asks a sender to hold no claim that has not left. engine -> senders.
	Release struct{}
	// Sweep asks the sweeper for a tick. timer, engine -> sweeper.
	Sweep struct{}
)

// Events.
type (
	// tick is a guest's own timer. guest -> itself.
	tick struct {
		activation int64
		what       tickKind
		query      int64
	}
	// ended says that an activation has stopped. guest -> guests.
	ended struct {
		guest      hotel.GuestID
		activation int64
	}
	// evidence says that a status proves a row that is sending. engine -> sender.
	evidence struct {
		row hotel.OutboxRow
	}
	// claimed says what a claim brought; nil = nothing to claim. sender -> itself.
	claimed struct {
		lane hotel.Lane
		row  *hotel.OutboxRow
		over hotel.Key // the row in hand that has ended elsewhere; empty = none was
	}
	// carried says how a row's send ended, and what was settled. sender -> itself.
	carried struct {
		row     hotel.OutboxRow
		outcome outcome
		settled hotel.SettleResult
	}
	// resolved says that a row's time in doubt is over. timer -> sender.
	resolved struct {
		lane    hotel.Lane
		attempt int
	}
	// retry says that a lane's wait is over. timer -> sender.
	retry struct {
		lane hotel.Lane
	}
)

type tickKind uint8

const (
	tickWake     tickKind = iota // due, or idle for long
	tickPatience                 // a read has not come in time
	tickHold                     // a held turn is to be taken
)

// Replies.
type (
	// ReleaseReply answers Release: what was queued before it is in hand.
	ReleaseReply struct{}
	// ReadReply answers Ask, in the set's order.
	ReadReply struct {
		Query   int64
		Answers []conversation.Answer
	}
)
