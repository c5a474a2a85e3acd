package main

import (
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

var asked = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "world_clock_asked_total",
	Help: "How often a zone's time was asked for.",
}, []string{"zone"})

// about is what the service says of itself, mostly to show what its image gives it.
type about struct {
	Service  string `json:"service"`
	Version  string `json:"version"`
	Instance string `json:"instance"`
	UID      int    `json:"uid"`
	// Roots tells whether the image has certificate authorities, which outgoing TLS needs.
	Roots bool `json:"roots"`
	// Writable tells whether the program could change its own directory.
	Writable bool `json:"writable"`
}

func newHandler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(asked)
	instance := uuid.NewString()
	router := chi.NewRouter()
	router.Use(middleware.Recoverer)
	router.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, about{"world-clock", version, instance, os.Getuid(), hasRoots(), canWrite()})
	})
	router.Get("/zones/*", tellTime)
	router.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return router
}

// tellTime answers with the time of the zone in the path, such as /zones/Asia/Tokyo.
func tellTime(w http.ResponseWriter, r *http.Request) {
	zone, err := time.LoadLocation(chi.URLParam(r, "*"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	asked.WithLabelValues(zone.String()).Inc()
	now := time.Now().In(zone)
	_, offset := now.Zone()
	answer(w, map[string]any{"zone": zone.String(), "time": now.Format(time.RFC3339), "offset": offset})
}

func hasRoots() bool {
	roots, err := x509.SystemCertPool()
	return err == nil && !roots.Equal(x509.NewCertPool())
}

func canWrite() bool {
	f, err := os.CreateTemp(".", "probe")
	if err != nil {
		return false
	}
	f.Close()
	os.Remove(f.Name())
	return true
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
