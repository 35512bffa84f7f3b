// Package metrics is every metric of Conserje, in one place. Labels have few
// values: never a guest, a phone or a message.
package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics is what the rooms count. Make one with New; fields are safe for concurrent use.
type Metrics struct {
	Registry *prometheus.Registry

	// Names that existing dashboards use: never renamed.
	OrchestratorLatency prometheus.Histogram   // orchestrator_latency_seconds: webhook accepted to reply accepted by WhatsApp
	ReservationsCreated *prometheus.CounterVec // reservations_created_total{property}: confirmed to the guest
	ReservationAttempts *prometheus.CounterVec // reservation_attempts_total{property}: a create committed after a yes
	BreakerCalls        *prometheus.CounterVec // pms_circuit_breaker_calls_total{state}

	// transport
	Webhooks       *prometheus.CounterVec // conserje_webhooks_total{status}: POSTs by HTTP status
	WebhookSeconds prometheus.Histogram   // conserje_webhook_seconds: POST received to answer written
	Accepted       *prometheus.CounterVec // conserje_accepted_total{kind}: message (repeats too), receipt, dead, ignored; duplicate, orphan of the engine

	// actors
	Turns            *prometheus.CounterVec   // conserje_turns_total{result}: committed, conflict, held, waiting, error
	TurnSeconds      prometheus.Histogram     // conserje_turn_seconds: taken to committed
	Outcomes         *prometheus.CounterVec   // conserje_reservation_outcomes_total{property,outcome}
	Sends            *prometheus.CounterVec   // conserje_sends_total{destination,result}
	InDoubt          *prometheus.CounterVec   // conserje_in_doubt_total{destination,end}
	Activations      prometheus.Counter       // conserje_activations_total
	Passivations     prometheus.Counter       // conserje_passivations_total
	ActiveGuests     prometheus.Gauge         // conserje_active_guests
	MailboxMessages  prometheus.Gauge         // conserje_mailbox_messages: waiting in the guests' mailboxes
	Parked           *prometheus.CounterVec   // conserje_guests_parked_total{cause}: panic, death
	Careful          prometheus.Gauge         // conserje_careful: 1 while turns run one by one after deaths
	Restarts         *prometheus.CounterVec   // conserje_actor_restarts_total{actor}
	ActorDeadLetters prometheus.Counter       // conserje_actor_dead_letters_total
	BreakerState     *prometheus.GaugeVec     // conserje_breaker_state{destination,property}: 0 closed, 1 half-open, 2 open
	BreakerChanges   *prometheus.CounterVec   // conserje_breaker_changes_total{destination,to}
	Reads            *prometheus.CounterVec   // conserje_reads_total{read,result}: cached, recalled (from another engine), shared, asked, stale, failed, refused
	PMSSeconds       *prometheus.HistogramVec // conserje_pms_seconds{operation,outcome}: of calls that the breaker let through; ok, or the error's kind
	PMSCache         *prometheus.CounterVec   // conserje_pms_cache_total{read,result}: hit, miss, stale
	PMSInDoubt       *prometheus.GaugeVec     // conserje_pms_in_doubt{property}: bookings and changes whose outcome nobody knows now
	PMSQueue         *prometheus.GaugeVec     // conserje_pms_queue{property,room_type}: bookings and changes of this engine that wait or are out
	PMSOrderChanges  *prometheus.CounterVec   // conserje_pms_order_changes_total{property}: orders that the change poll found made or touched, by others or by us
	PMSRivals        *prometheus.CounterVec   // conserje_pms_rivals_total{property}: orders of ours that must not stand, cancelled
	Swept            *prometheus.CounterVec   // conserje_swept_total{what}: guest, due, lane, claim
	Alerts           *prometheus.CounterVec   // conserje_alerts_total{cause}
	OperatorAlerts   *prometheus.CounterVec   // conserje_operator_alerts_total{cause,result}: told, suppressed, unheard
	DiskFree         prometheus.Gauge         // conserje_disk_free_bytes: of the data folder
	Paused           *prometheus.GaugeVec     // conserje_paused{what}: pauses in force of engine, property, guest
	HeldBack         *prometheus.CounterVec   // conserje_held_back_total{cause,what}: turn, bubble, mail; a mail each time it looks

	// store
	Backlog       *prometheus.GaugeVec // conserje_backlog{what}: unconsumed, sending, dead_letters, handoffs
	OldestSeconds *prometheus.GaugeVec // conserje_oldest_seconds{what}: inbox, outbox
	StoreCommits  prometheus.Counter   // conserje_store_commits_total
	StoreBatch    prometheus.Histogram // conserje_store_batch_size: requests that shared a commit
	StoreSeconds  prometheus.Histogram // conserje_store_commit_seconds
	StoreWALBytes prometheus.Gauge     // conserje_store_wal_bytes: the embedded store's log

	// redis
	RedisOperations *prometheus.CounterVec // conserje_redis_operations_total{operation,result}: get, set, invalidate, take; hit, miss, ok, too_large, granted, refused, error, skipped
	RedisFallbacks  *prometheus.CounterVec // conserje_redis_fallbacks_total{operation}: done without it
	RedisSeconds    prometheus.Histogram   // conserje_redis_seconds: of operations that were not skipped
}

// New registers every metric, and Go's and the process's own, with a registry of its own.
func New() *Metrics {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	f := factory{r}
	latency := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	return &Metrics{
		Registry:            r,
		OrchestratorLatency: f.histogram("orchestrator_latency_seconds", "Webhook accepted to reply accepted by WhatsApp.", latency),
		ReservationsCreated: f.counters("reservations_created_total", "Reservations confirmed to the guest.", "property"),
		ReservationAttempts: f.counters("reservation_attempts_total", "Creates committed after a guest's yes.", "property"),
		BreakerCalls:        f.counters("pms_circuit_breaker_calls_total", "Calls to the hotel system by the breaker's state.", "state"),

		Webhooks:       f.counters("conserje_webhooks_total", "Webhook POSTs by HTTP status.", "status"),
		WebhookSeconds: f.histogram("conserje_webhook_seconds", "Webhook POST received to answer written.", latency),
		Accepted:       f.counters("conserje_accepted_total", "Webhook elements by kind.", "kind"),

		Turns:            f.counters("conserje_turns_total", "Turns by result.", "result"),
		TurnSeconds:      f.histogram("conserje_turn_seconds", "Turn taken to committed.", latency),
		Outcomes:         f.counters("conserje_reservation_outcomes_total", "How booking requests ended.", "property", "outcome"),
		Sends:            f.counters("conserje_sends_total", "Outbox requests by result.", "destination", "result"),
		InDoubt:          f.counters("conserje_in_doubt_total", "Sends in doubt by how they ended.", "destination", "end"),
		Activations:      f.counter("conserje_activations_total", "Guest activations."),
		Passivations:     f.counter("conserje_passivations_total", "Guest passivations."),
		ActiveGuests:     f.gauge("conserje_active_guests", "Guests in memory."),
		MailboxMessages:  f.gauge("conserje_mailbox_messages", "Messages waiting in guests' mailboxes."),
		Parked:           f.counters("conserje_guests_parked_total", "Guests whose turns made the engine fail.", "cause"),
		Careful:          f.gauge("conserje_careful", "1 while turns run one by one after deaths of the process."),
		Restarts:         f.counters("conserje_actor_restarts_total", "Actor restarts.", "actor"),
		ActorDeadLetters: f.counter("conserje_actor_dead_letters_total", "Messages to actors that are gone."),
		BreakerState:     f.gauges("conserje_breaker_state", "0 closed, 1 half-open, 2 open.", "destination", "property"),
		BreakerChanges:   f.counters("conserje_breaker_changes_total", "Breaker changes.", "destination", "to"),
		Reads:            f.counters("conserje_reads_total", "Reads of the hotel system.", "read", "result"),
		PMSSeconds:       f.histograms("conserje_pms_seconds", "Calls to the hotel system.", latency, "operation", "outcome"),
		PMSCache:         f.counters("conserje_pms_cache_total", "Questions to the hotel system by what the cache held.", "read", "result"),
		PMSInDoubt:       f.gauges("conserje_pms_in_doubt", "Bookings and changes in doubt now.", "property"),
		PMSQueue:         f.gauges("conserje_pms_queue", "Bookings and changes that wait or are out.", "property", "room_type"),
		PMSOrderChanges:  f.counters("conserje_pms_order_changes_total", "Orders that the change poll found made or touched, by others or by us.", "property"),
		PMSRivals:        f.counters("conserje_pms_rivals_total", "Orders of ours that must not stand and were cancelled.", "property"),
		Swept:            f.counters("conserje_swept_total", "What the sweeper nudged.", "what"),
		Alerts:           f.counters("conserje_alerts_total", "Alerts to people.", "cause"),
		OperatorAlerts:   f.counters("conserje_operator_alerts_total", "Alerts to whoever runs the engine.", "cause", "result"),
		DiskFree:         f.gauge("conserje_disk_free_bytes", "Free bytes under the data folder."),
		Paused:           f.gauges("conserje_paused", "Pauses in force.", "what"),
		HeldBack:         f.counters("conserje_held_back_total", "What a pause or REPLY_TO kept from guests.", "cause", "what"),

		Backlog:       f.gauges("conserje_backlog", "Rows that wait.", "what"),
		OldestSeconds: f.gauges("conserje_oldest_seconds", "Age of the oldest row that waits.", "what"),
		StoreCommits:  f.counter("conserje_store_commits_total", "Store transactions."),
		StoreBatch: f.histogram("conserje_store_batch_size", "Requests that shared a transaction.",
			[]float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}),
		StoreSeconds:  f.histogram("conserje_store_commit_seconds", "Store transaction time.", latency),
		StoreWALBytes: f.gauge("conserje_store_wal_bytes", "Size of the embedded store's log file."),

		RedisOperations: f.counters("conserje_redis_operations_total", "Redis operations by result.", "operation", "result"),
		RedisFallbacks:  f.counters("conserje_redis_fallbacks_total", "What was done without Redis because it was away or slow.", "operation"),
		RedisSeconds: f.histogram("conserje_redis_seconds", "Redis operation time.",
			[]float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1}),
	}
}

type factory struct{ r prometheus.Registerer }

func (f factory) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	f.r.MustRegister(c)
	return c
}

func (f factory) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	f.r.MustRegister(c)
	return c
}

func (f factory) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	f.r.MustRegister(g)
	return g
}

func (f factory) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	f.r.MustRegister(g)
	return g
}

func (f factory) histogram(name, help string, buckets []float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100})
	f.r.MustRegister(h)
	return h
}

func (f factory) histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100}, labels)
	f.r.MustRegister(h)
	return h
}
