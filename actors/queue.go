package actors

import (
	"strings"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
)

// queue counts, for the metric, what waits in one property's booking lanes or is
// out of them: of this engine, by room type. Nothing depends on it. Safe for
// concurrent use.
type queue struct {
	metrics  *metrics.Metrics
	property hotel.PropertyID
	mu       sync.Mutex
	waiting  map[string]map[hotel.Key]time.Time // by room type
}

const (
	// queuedMost is how long a row is counted: a yes holds no longer, so by then
	// another engine has ended it.
	queuedMost = hotel.AgreedFor + time.Minute
	// queueLabels bounds the room types of a property that have a metric of their own.
	queueLabels = 50
	otherTypes  = "other"
)

func newQueue(m *metrics.Metrics, property hotel.PropertyID) *queue {
	return &queue{metrics: m, property: property, waiting: map[string]map[hotel.Key]time.Time{}}
}

// committed counts what a turn has committed and taken back.
func (q *queue) committed(t hotel.TurnCommit, done hotel.TurnCommitted) {
	for _, row := range t.Outbox {
		if row.Kind == hotel.KindBook || row.Kind == hotel.KindChange {
			q.enter(row)
		}
	}
	if len(done.Withdrawn) == 0 {
		return
	}
	for _, key := range t.Withdraw { // one that has left is counted again when it ends
		q.drop(key)
	}
}

func (q *queue) enter(row hotel.OutboxRow) {
	q.mu.Lock()
	defer q.mu.Unlock()
	name := q.label(row.Lane)
	if name == "" {
		return // a repeat in its reference's lane
	}
	if q.waiting[name] == nil {
		q.waiting[name] = map[hotel.Key]time.Time{}
	}
	q.waiting[name][row.Key] = time.Now()
	q.show(name)
}

func (q *queue) leave(row hotel.OutboxRow) { q.drop(row.Key) }

func (q *queue) drop(key hotel.Key) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for name, rows := range q.waiting {
		if _, ok := rows[key]; ok {
			delete(rows, key)
			q.show(name)
		}
	}
}

// label is the room type of a booking lane; the caller holds mu.
func (q *queue) label(lane hotel.Lane) string {
	name, ok := strings.CutPrefix(string(lane), string(hotel.BookingLane(q.property, "")))
	if !ok {
		return ""
	}
	if q.waiting[name] == nil && len(q.waiting) >= queueLabels {
		return otherTypes
	}
	return name
}

// show is called under mu.
func (q *queue) show(name string) {
	rows := q.waiting[name]
	for key, at := range rows {
		if time.Since(at) > queuedMost {
			delete(rows, key)
		}
	}
	q.metrics.PMSQueue.WithLabelValues(string(q.property), name).Set(float64(len(rows)))
}
