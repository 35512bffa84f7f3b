package metrics_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/metrics"
)

// touch gives every vector a child, so that it is gathered.
func touch(m *metrics.Metrics) {
	m.OrchestratorLatency.Observe(0.1)
	m.ReservationsCreated.WithLabelValues("posada").Inc()
	m.ReservationAttempts.WithLabelValues("posada").Inc()
	m.BreakerCalls.WithLabelValues("closed").Inc()
	m.Outcomes.WithLabelValues("posada", "confirmed").Inc()
	m.BreakerState.WithLabelValues("pms", "posada").Set(0)
	m.PMSSeconds.WithLabelValues("create", "ok").Observe(0.2)
	m.PMSCache.WithLabelValues("availability", "hit").Inc()
	m.PMSInDoubt.WithLabelValues("posada").Set(0)
	m.PMSQueue.WithLabelValues("posada", "1").Set(0)
	m.PMSOrderChanges.WithLabelValues("posada").Inc()
	m.PMSRivals.WithLabelValues("posada").Inc()
}

func TestMetricsFollowPrometheusHabits(t *testing.T) {
	t.Parallel()

	m := metrics.New()
	touch(m)
	problems, err := testutil.GatherAndLint(m.Registry)
	require.NoError(t, err)
	require.Empty(t, problems)
}

// Dashboards that hotels run already ask for these names and labels.
func TestNamesThatDashboardsUse(t *testing.T) {
	t.Parallel()

	m := metrics.New()
	touch(m)
	families, err := m.Registry.Gather()
	require.NoError(t, err)
	labels := map[string][]string{}
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			names := []string{}
			for _, l := range metric.GetLabel() {
				names = append(names, l.GetName())
			}
			labels[f.GetName()] = names
		}
	}
	for name, want := range map[string][]string{
		"orchestrator_latency_seconds":        {},
		"reservations_created_total":          {"property"},
		"reservation_attempts_total":          {"property"}, // equal sets: one divides by the other
		"pms_circuit_breaker_calls_total":     {"state"},
		"conserje_reservation_outcomes_total": {"outcome", "property"},
		"conserje_pms_seconds":                {"operation", "outcome"},
		"conserje_pms_cache_total":            {"read", "result"},
		"conserje_pms_in_doubt":               {"property"},
		"conserje_pms_queue":                  {"property", "room_type"},
		"conserje_pms_order_changes_total":    {"property"},
		"conserje_pms_rivals_total":           {"property"},
	} {
		require.Equal(t, want, labels[name], name)
	}
}
