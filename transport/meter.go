package transport

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/conserje/conserje/internal/metrics"
)

// meter holds the hot path's series, looked up once.
type meter struct {
	webhooks *prometheus.CounterVec
	ok       prometheus.Counter
	seconds  prometheus.Histogram
	messages prometheus.Counter
	receipts prometheus.Counter
	dead     prometheus.Counter
	ignored  prometheus.Counter
}

func newMeter(m *metrics.Metrics) meter {
	return meter{
		webhooks: m.Webhooks,
		ok:       m.Webhooks.WithLabelValues("200"),
		seconds:  m.WebhookSeconds,
		messages: m.Accepted.WithLabelValues("message"),
		receipts: m.Accepted.WithLabelValues("receipt"),
		dead:     m.Accepted.WithLabelValues("dead"),
		ignored:  m.Accepted.WithLabelValues("ignored"),
	}
}

func (m *meter) posted(status int, took time.Duration) {
	m.seconds.Observe(took.Seconds())
	if status == 200 {
		m.ok.Inc()
		return
	}
	m.webhooks.WithLabelValues(statusLabel(status)).Inc()
}

func (m *meter) accepted(messages, receipts, dead int) {
	m.messages.Add(float64(messages))
	m.receipts.Add(float64(receipts))
	m.dead.Add(float64(dead))
}

func statusLabel(status int) string { return strconv.Itoa(status) }
