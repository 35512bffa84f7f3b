package hotel

import "time"

// Arrival is one message of a webhook on its way into the inbox.
type Arrival struct {
	Key       Key // given by the caller, unique
	Property  PropertyID
	MessageID string  // deduplicated per property for 8 days; empty = new each time
	Guest     GuestID // when known already (a word of the staff), with its own property and no MessageID; else found by Aliases
	Aliases   []Alias // strongest first; at least one unless Guest is set
	Kind      RowKind
	Body      []byte
	At        time.Time
}

// Accept is one webhook's content: committed whole or not at all.
type Accept struct {
	Owner    string // engine that accepts: it looks after the rows while it lives
	Arrivals []Arrival
	Receipts []ReceiptRow
	Dead     []DeadLetter
}

// ReceiptRow is a status to apply to the outbox row that it names.
type ReceiptRow struct {
	Receipt
	// OnFailed is the inbox row to write, in the same transaction, when this
	// receipt newly turns its row to failed; its Guest, Order are filled in by
	// the store. Zero Key = none. Its Body is completed by the caller, who
	// knows Key and Code.
	OnFailed InboxRow
}

// Accepted tells what became of one Arrival.
type Accepted struct {
	Row       InboxRow // with Guest and Order; of a duplicate, the row that stands
	Duplicate bool
	Consumed  bool // of a duplicate: its row is consumed already (or gone), nothing to nudge
	NewGuest  bool // the guest was made by this accept: there is no snapshot to read
}

// AppliedReceipt tells what became of one ReceiptRow.
type AppliedReceipt struct {
	Matched bool
	Changed bool      // the row's status rose
	Row     OutboxRow // the row after it, without Body, when matched
	Failed  InboxRow  // the inbox row written; zero Key when none
}

// AcceptResult answers an Accept, in its order.
type AcceptResult struct {
	Arrivals []Accepted
	Receipts []AppliedReceipt
}

// GuestRecord is a guest as the store holds it.
type GuestRecord struct {
	ID       GuestID
	Property PropertyID
	Version  int64 // of the snapshot; 0 = never committed
	State    []byte
	Due      time.Time // when the state wants waking; zero = never
	Panics   int       // recovered panics since the last committed turn
	Parked   time.Time // a person looks after it, without the dialogue; zero = not
}

// Activation is what an activation reads, in one read transaction.
type Activation struct {
	Guest   GuestRecord
	Pending []InboxRow // unconsumed, oldest first, at most the limit asked for
	More    bool       // there are more
}

// TurnCommit is a turn on its way into the store.
//
// It consumes the rows named, which must be every unconsumed row of the guest
// up to the last one named; else, and when Version is not the stored one, it is
// a Conflict and nothing is written.
type TurnCommit struct {
	Guest    GuestID
	Property PropertyID
	Version  int64 // the stored version this turn was taken from
	State    []byte
	Facts    string // version of the Facts it was taken with
	Due      time.Time
	Consumed []Key       // in order
	Outbox   []OutboxRow // in order; Key, Lane, Kind, Body, NotBefore are read
	// Claim names lanes for which the caller holds a permit: the lane's first
	// row of this turn is committed as sending, owned by Owner, attempt 1, when
	// nothing unsettled of the lane is ahead of it and its NotBefore is not ahead of At.
	Claim []Lane
	Owner string
	// Withdraw takes back pending rows of this guest. For each one that was
	// still pending an inbox row "<key>/withdrawn" of KindWithdrawn is written.
	Withdraw []Key
	// Unpark gives a parked guest back to the dialogue.
	Unpark       bool
	Reservations []Reservation  // upserted by Reference: reservations of ours
	Handoff      *HandoffRecord // upserted by guest when not nil
	Transcript   []byte         // what was said in this turn, JSON, for people; may be empty
	// Erase, when not empty, says on whose word (see Erasure.By) the guest is
	// erased: from this commit on no message finds the guest, whose aliases are
	// deleted and whose handoff is closed; pending rows of before are taken back
	// without telling the dialogue, but cancels, which keep the hotel's books
	// right. The rows themselves go by the store's Erase, when nothing is out.
	Erase string
	At    time.Time
}

// TurnCommitted answers a TurnCommit.
type TurnCommitted struct {
	Version   int64
	Claimed   []OutboxRow // as committed, with Body
	Withdrawn []InboxRow
	Orders    []int64 // of TurnCommit.Outbox, in order
}

// Settlement records the outcome of one row's send.
type Settlement struct {
	Key     Key
	Attempt int // whose outcome this is
	// State is Settled (proven), Dead (never will; goes to the dead letters with
	// Reason), Withdrawn (taken back before it left: its Result says so to the
	// dialogue), or Pending (release: the request certainly did not leave; the
	// attempt does not count, NotBefore is set).
	State     SendState
	NotBefore time.Time
	// Counted keeps the attempt counted on a release: the request left and was
	// refused in a way that may be repeated.
	Counted bool
	Proof   string         // wamid, order id ...
	Status  DeliveryStatus // for rows to guests: accepted
	Reason  string
	InDoubt bool // of a dead row: it may have been sent
	// MoveTo puts a released row at the end of another lane (a create in doubt
	// moves to its reference's lane). Empty = stays. With State Sending the row
	// stays claimed and only changes lanes, freeing the one it leaves.
	MoveTo Lane
	// Result is the inbox row to write in the same transaction; zero Key = none.
	// Its Guest and Order are filled in.
	Result InboxRow
	// ClaimNext asks to claim the lane's next row for Owner in the same
	// transaction; the caller holds the permit.
	ClaimNext bool
	Owner     string
	At        time.Time
}

// SettleResult answers a Settlement.
type SettleResult struct {
	// Applied is false when the row was settled already, or the outcome was a
	// negative one of an older attempt: nothing was written but, maybe, proof.
	Applied bool
	Result  InboxRow   // as written; zero Key when none
	Next    *OutboxRow // claimed, with Body; nil when none
	More    bool       // the lane has pending rows that were not claimed
}

// Claim asks for a lane's oldest unsettled row, with a permit in hand.
type Claim struct {
	Lane  Lane
	Owner string
	At    time.Time
}

// Repeat claims a row that is in doubt for its one repeat: attempt rises, state
// stays sending. It fails with Conflict when the row is not sending with that
// attempt any more, or holds evidence by now.
type Repeat struct {
	Key     Key
	Attempt int // the attempt in doubt
	Owner   string
	At      time.Time
}

// Annotation is what the owner of a claim keeps on its row, for whoever goes on
// with the row: it replaces the note of before, and stays until the row is gone.
type Annotation struct {
	Key     Key
	Attempt int
	Owner   string
	Note    string
}

// EngineLease is an engine as a store knows it that several engines share.
type EngineLease struct {
	Owner   string
	Counter int64 // rises with each renewal; one that stands still is a sign of death
	Left    bool  // it has drained: what it owns is free at once
}

// LaneHead is a lane with pending rows.
type LaneHead struct {
	Lane      Lane
	Property  PropertyID
	Guest     GuestID
	NotBefore time.Time // of its oldest row
	At        time.Time // its oldest row was committed
}

// Sweep asks what waits: of guests, what Owner accepted or committed last, and
// what belongs to no living engine; of claims, Owner's alone; lanes of anybody.
type Sweep struct {
	Now   time.Time
	Owner string
	Age   time.Duration // rows younger than this are left to their nudges
	Limit int           // of each list
}

// Swept is what waits, oldest first.
type Swept struct {
	Guests []GuestID   // with unconsumed rows older than Age
	Due    []GuestID   // whose Due has passed
	Lanes  []LaneHead  // with a claimable head older than Age and past its NotBefore
	Claims []OutboxRow // sending rows of Owner, with Body: who holds none of them takes them up
	// Erasing are guests that are to be erased and of whom nothing is out, in
	// doubt or unconsumed any more, whoever's they are.
	Erasing []GuestID
}

// Backlog is what the high-water mark and the metrics look at.
type Backlog struct {
	Unconsumed   int       // inbox rows of messages not yet in a turn
	OldestInbox  time.Time // zero when none
	OldestOutbox time.Time // oldest pending row that may leave or was tried; one whose first NotBefore is ahead does not count; zero when none
	Sending      int
	DeadLetters  int // open ones
	Handoffs     int // open ones
	Parked       int // guests without the dialogue
}

// HandoffState is where a handoff stands.
type HandoffState string

// The states.
const (
	HandoffOpen     HandoffState = "open"     // nobody has written yet
	HandoffAnswered HandoffState = "answered" // a person writes; the bot is quiet
	HandoffClosed   HandoffState = "closed"
)

// HandoffRecord is a guest's request for a person, as the page lists it.
type HandoffRecord struct {
	Guest    GuestID
	Property PropertyID
	State    HandoffState
	Cause    AlertCause
	Name     string // of the guest, as far as known: for the page
	Address  string // phone or BSUID: for the page
	Opened   time.Time
	Staff    time.Time // last word of the staff; zero = none
	Heard    time.Time // last word of the guest
}

// TranscriptLine is one thing said, for people.
type TranscriptLine struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"` // "guest", "bot", "staff" or "note"
	Text string    `json:"text"`
}

// Retention tells what to trim: each keeps that long after it was done with; 0 = for ever.
type Retention struct {
	Seen       time.Duration // dedupe hashes: at least 8 days
	Inbox      time.Duration // consumed rows
	Outbox     time.Duration // settled rows
	Transcript time.Duration
	Dead       time.Duration // closed dead letters
}
