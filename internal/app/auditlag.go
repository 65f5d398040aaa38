package app

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"elicense/internal/evidence"
	"elicense/internal/port"
)

// auditPatience is how long a row may wait for its number before something is wrong: many times the chore's interval.
const auditPatience = 15 * evidence.Every

// auditBacklog tells how many rows of the audit wait for their number, and for how long the oldest has.
func auditBacklog(ctx context.Context, store port.Store, now time.Time) (rows int, lag time.Duration, err error) {
	err = store.View(ctx, func(v port.View) (err error) {
		rows, lag, err = evidence.Waiting(ctx, v, now)
		return err
	})
	return rows, lag, err
}

// auditKeepsUp tells doctor how far the log of the audit is behind.
func (a *App) auditKeepsUp(ctx context.Context) (string, error) {
	store, err := OpenStore(ctx, a.Config)
	if err != nil {
		return "", err
	}
	defer func() { _ = store.Close() }() // only asked
	rows, lag, err := auditBacklog(ctx, store, a.World.Now())
	switch {
	case err != nil:
		return "", err
	case rows == 0:
		return "every row has its number", nil
	}
	text := fmt.Sprintf("%d rows wait, the oldest for %s", rows, lag.Round(time.Second))
	if lag > auditPatience {
		return "", fmt.Errorf("%s, longer than %s", text, auditPatience)
	}
	return text, nil
}

// auditGauges are asked at every scrape.
type auditGauges struct {
	app       *App
	rows, lag *prometheus.Desc
}

// watchAudit adds the backlog of the audit's log to the metrics.
func (a *App) watchAudit() {
	a.metrics.registry.MustRegister(auditGauges{a,
		prometheus.NewDesc("elicense_audit_waiting_rows", "Audit rows that wait for their number in the log.", nil, nil),
		prometheus.NewDesc("elicense_audit_lag_seconds", "How long the oldest of them has waited.", nil, nil)})
}

// Describe implements prometheus.Collector.
func (g auditGauges) Describe(out chan<- *prometheus.Desc) { out <- g.rows; out <- g.lag }

// Collect implements prometheus.Collector. While the store does not answer there are no figures, which is what alarms look for.
func (g auditGauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	rows, lag, err := auditBacklog(ctx, g.app.Store, g.app.World.Now())
	if err != nil {
		g.app.log.Error("the backlog of the audit is not known", "error", err)
		return
	}
	out <- prometheus.MustNewConstMetric(g.rows, prometheus.GaugeValue, float64(rows))
	out <- prometheus.MustNewConstMetric(g.lag, prometheus.GaugeValue, lag.Seconds())
}
