package worker

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tieout/tieout/store"
)

// Metrics is what the worker counts, for Prometheus. A nil one counts nothing.
type Metrics struct {
	registry *prometheus.Registry

	runs, files, entries, receipts, faults, ticks, retries *prometheus.CounterVec
	lastGood, broken, waiting, reachable                   *prometheus.GaugeVec
	seconds                                                *prometheus.HistogramVec
	looks                                                  prometheus.Counter
}

// NewMetrics returns counters that all stand at zero, of a program of this version.
func NewMetrics(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tieout", Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "tieout", Name: name, Help: help}, labels)
		m.registry.MustRegister(g)
		return g
	}
	m.runs = counter("runs_total", "Runs, by cause (scheduled, dropped) and how they ended (done, look, failed).", "entity", "cause", "state")
	m.lastGood = gauge("last_done_timestamp_seconds", "When a run was last done.", "entity", "cause")
	m.files = counter("files_total", "Files received, by what became of them.", "entity", "state")
	m.entries = counter("entries_total", "Entries booked.", "entity")
	m.receipts = counter("receipts_total", "Receipts decided, by outcome (applied, queued).", "entity", "outcome")
	m.faults = counter("audit_faults_total", "Faults that the audit found in plans; nothing of such a plan is saved.", "entity")
	m.retries = counter("database_retries_total", "Units that the database had to be asked for again, by cause (an SQLSTATE, or connection).", "verb", "cause")
	m.broken = gauge("invariants_broken", "Invariants that the last proof found broken.", "entity")
	m.ticks = counter("ticks_total", "Due times of schedules, by what became of them.", "entity", "schedule", "outcome")
	m.waiting = gauge("inbox_files_waiting", "Files in an inbox that are not taken yet.", "entity", "inbox")
	m.reachable = gauge("inbox_reachable", "1 where the inbox can be read.", "entity", "inbox")
	m.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "tieout", Name: "run_seconds", Help: "How long runs took.",
		Buckets: []float64{0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600}}, []string{"entity", "cause"})
	m.looks = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tieout", Name: "looks_total", Help: "Rounds over inboxes and schedules."})
	build := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "tieout", Name: "build_info", Help: "1, with the version of the program.",
		ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(m.seconds, m.looks, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Register adds somebody else's collector.
func (m *Metrics) Register(c prometheus.Collector) { m.registry.MustRegister(c) }

// Retried counts a unit that the store does again.
func (m *Metrics) Retried(verb, cause string) { m.retries.WithLabelValues(verb, cause).Inc() }

// Handler answers the requests of Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *Metrics) run(entity, cause string, s store.RunStats, broken int, err error, took time.Duration) {
	if m == nil {
		return
	}
	state := RunDone
	switch {
	case err != nil:
		state = RunFailed
	case broken+s.Refused+s.Held+s.Faults > 0:
		state = "look"
	}
	m.runs.WithLabelValues(entity, cause, state).Inc()
	m.seconds.WithLabelValues(entity, cause).Observe(took.Seconds())
	m.entries.WithLabelValues(entity).Add(float64(s.Entries))
	m.receipts.WithLabelValues(entity, "applied").Add(float64(s.Applied))
	m.receipts.WithLabelValues(entity, "queued").Add(float64(s.Queued))
	m.faults.WithLabelValues(entity).Add(float64(s.Faults))
	if err == nil {
		m.lastGood.WithLabelValues(entity, cause).SetToCurrentTime()
	}
	if err == nil && cause == causeScheduled {
		m.broken.WithLabelValues(entity).Set(float64(broken))
	}
}

func (m *Metrics) look() {
	if m != nil {
		m.looks.Inc()
	}
}

func (m *Metrics) file(entity, state string) {
	if m != nil {
		m.files.WithLabelValues(entity, state).Inc()
	}
}

func (m *Metrics) tick(entity string, t store.Tick) {
	if m != nil {
		m.ticks.WithLabelValues(entity, t.Schedule, string(t.Outcome)).Inc()
	}
}

func (m *Metrics) inbox(entity, path string, waiting int, err error) {
	if m == nil {
		return
	}
	reachable := 1.0
	if err != nil {
		reachable = 0
	}
	m.reachable.WithLabelValues(entity, path).Set(reachable)
	m.waiting.WithLabelValues(entity, path).Set(float64(waiting))
}
