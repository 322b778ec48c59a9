package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tcpreplay-fsm/tcp"
)

// maxHosts bounds the hosts that have metrics of their own: those with the most
// sockets. The others are counted under the host "other".
const maxHosts = 100

var (
	framesDesc        = desc("frames_total", "Frames captured.")
	bytesDesc         = desc("bytes_total", "Bytes of these frames on the wire.")
	segmentsDesc      = desc("segments_total", "TCP segments analysed.")
	droppedDesc       = desc("dropped_frames_total", "Frames that the kernel dropped for want of room.")
	unsavedDesc       = desc("unsaved_frames_total", "Frames that could not be saved.")
	skippedDesc       = desc("skipped_frames_total", "Frames that are no TCP segments, by reason.", "reason")
	conversationsDesc = desc("conversations_total", "Conversations seen.")
	activeDesc        = desc("conversations", "Conversations followed now.")
	evictedDesc       = desc("evicted_conversations_total", "Conversations handed on early to bound memory.")
	socketsDesc       = desc("sockets", "Endpoints by host and state, as presumed now.", "host", "state")
	findingsDesc      = desc("findings_total", "Findings told, by id.", "id", "severity")
	resetsDesc        = desc("resets_total", "Conversations that a RST ended, by what is found about it.", "cause")
	upDesc            = desc("interface_up", "1 while the interface is up, else 0.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tcpreplay_fsm_"+name, help, labels, nil)
}

// metrics serves the newest status to Prometheus.
type metrics struct {
	addr   string
	server *http.Server
	latest atomic.Pointer[status]
}

// serveMetrics listens on the loopback interface unless the address says
// otherwise: a port alone, or with an empty host, is 127.0.0.1.
func serveMetrics(address string) (*metrics, error) {
	if !strings.Contains(address, ":") {
		address = ":" + address
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port))
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	m := &metrics{addr: l.Addr().String()}
	m.latest.Store(&status{})
	registry := prometheus.NewRegistry()
	registry.MustRegister(m)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	m.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	go m.server.Serve(l)
	return m, nil
}

func (m *metrics) publish(s *status) { m.latest.Store(s) }

func (m *metrics) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if errors.Is(m.server.Shutdown(ctx), context.DeadlineExceeded) {
		m.server.Close()
	}
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{framesDesc, bytesDesc, segmentsDesc, droppedDesc, unsavedDesc, skippedDesc, conversationsDesc,
		activeDesc, evictedDesc, socketsDesc, findingsDesc, resetsDesc, upDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	s := m.latest.Load()
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter(framesDesc, float64(s.frames))
	counter(bytesDesc, float64(s.bytes))
	counter(segmentsDesc, float64(s.segments))
	counter(droppedDesc, float64(s.dropped))
	counter(unsavedDesc, float64(s.unsaved))
	for _, r := range s.skipped {
		counter(skippedDesc, float64(r.N), r.Reason)
	}
	counter(conversationsDesc, float64(s.conversations))
	gauge(activeDesc, float64(s.active))
	counter(evictedDesc, float64(s.evicted))
	for _, h := range s.hosts {
		name := "other"
		if h.addr.IsValid() {
			name = h.addr.String()
		}
		for state, n := range h.census {
			if n > 0 {
				gauge(socketsDesc, float64(n), name, tcp.State(state).String())
			}
		}
	}
	for k, n := range s.found {
		counter(findingsDesc, float64(n), k.id, k.severity.String())
	}
	for cause, n := range s.resets {
		counter(resetsDesc, float64(n), cause)
	}
	up := 1.0
	if s.down {
		up = 0
	}
	gauge(upDesc, up)
}
