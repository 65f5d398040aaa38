package app

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"elicense/internal/web"
)

// metrics are what operators watch; labels hold route patterns and statuses, never anything of a person.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "elicense_http_requests_total", Help: "Answers by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "elicense_http_seconds", Help: "Time to answer by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"route"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) observe(pattern string, status int, took time.Duration) {
	m.requests.WithLabelValues(pattern, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(pattern).Observe(took.Seconds())
}

// opsRoutes are the addresses for operators: alive, ready, metrics.
func (a *App) opsRoutes() []web.Route {
	scrape := promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{})
	return []web.Route{
		{Pattern: "GET /livez", Policy: web.Ops, Handle: func(w http.ResponseWriter, _ *web.Request) error {
			return plain(w, http.StatusOK, "ok\n")
		}},
		{Pattern: "GET /readyz", Policy: web.Ops, Handle: a.readyz},
		{Pattern: "GET /metrics", Policy: web.Ops, Handle: func(w http.ResponseWriter, r *web.Request) error {
			scrape.ServeHTTP(w, r.Request)
			return nil
		}},
	}
}

// readyz says what each dependency answers; 503 while one of them does not, unless it only warns.
func (a *App) readyz(w http.ResponseWriter, r *web.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	status, text := http.StatusOK, ""
	for _, c := range a.checks() {
		word := "ok"
		if err := c.run(ctx); err != nil {
			if word = "failing"; !c.warns {
				status = http.StatusServiceUnavailable
			}
			a.log.Error("not ready", "check", c.name, "error", err)
		}
		text += fmt.Sprintf("%s: %s\n", c.name, word)
	}
	return plain(w, status, text)
}

// check is one thing that must work for the program to serve. run says what is wrong, or tell does, with a word about what
// is well.
type check struct {
	name   string
	run    func(context.Context) error
	tell   func(context.Context) (string, error)
	remedy string
	warns  bool // is told, but the program serves on
}

func (c check) ask(ctx context.Context) (string, error) {
	if c.tell != nil {
		return c.tell(ctx)
	}
	return "", c.run(ctx)
}

func plain(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write([]byte(text))
	return err
}
