package report

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/internal/jsonenc"
	"tcpreplay-fsm/tcp"
)

// NewSeriesCSV returns a Writer of the conversations' time series
// (docs/measures.md): a line a segment under one line of names, in the order of
// the conversations' ids. What has no series is left out.
func NewSeriesCSV(w io.Writer) Writer { return &seriesWriter{w: w} }

type seriesWriter struct {
	w     io.Writer
	spool spool
}

var seriesColumns = []string{"conversation", "frame", "time", "elapsed", "from", "flags", "seq", "ack", "len", "window",
	"client_in_flight", "server_in_flight", "rtt", "throughput"}

func (s *seriesWriter) Conversation(c *analyzer.Conversation) error {
	if c.Series == nil {
		return nil
	}
	var b bytes.Buffer
	lines := csv.NewWriter(&b)
	number := func(v int64) string { return strconv.FormatInt(v, 10) }
	for i := range c.Series {
		p := &c.Series[i]
		ack, rtt := "", ""
		if p.Flags.Has(tcp.ACK) {
			ack = number(p.Ack)
		}
		if p.RTT > 0 {
			rtt = string(appendSeconds(nil, p.RTT))
		}
		lines.Write([]string{number(int64(c.ID)), number(int64(p.Frame)), time.Unix(0, p.Time).UTC().Format(jsonenc.TimeLayout),
			string(appendSeconds(nil, p.Time-c.First)), p.From.String(), p.Flags.String(), number(p.Seq), ack,
			number(int64(p.Len)), number(int64(p.Window)), number(int64(p.InFlight[0])), number(int64(p.InFlight[1])), rtt, number(int64(p.Throughput))})
	}
	lines.Flush()
	return s.spool.add(c.ID, b.Bytes())
}

func (s *seriesWriter) End(*Capture, []analyzer.Finding) error {
	defer s.spool.close()
	head := csv.NewWriter(s.w)
	head.Write(seriesColumns)
	head.Flush()
	if err := head.Error(); err != nil {
		return err
	}
	return s.spool.each(func(b []byte) error {
		_, err := s.w.Write(b)
		return err
	})
}

// appendSeries writes the series of a conversation; a member that is nothing is
// left out, as in CSV.
func appendSeries(o *object, c *analyzer.Conversation) {
	o.open("series", '[')
	for i := range c.Series {
		p := &c.Series[i]
		o.element('{')
		o.int("frame", int64(p.Frame))
		o.time("time", p.Time)
		o.seconds("elapsed", p.Time-c.First)
		o.string("from", p.From.String())
		o.string("flags", p.Flags.String())
		o.int("seq", p.Seq)
		if p.Flags.Has(tcp.ACK) {
			o.int("ack", p.Ack)
		}
		o.int("len", int64(p.Len))
		o.int("window", int64(p.Window))
		o.int("client_in_flight", int64(p.InFlight[analyzer.Client]))
		o.int("server_in_flight", int64(p.InFlight[analyzer.Server]))
		if p.RTT > 0 {
			o.seconds("rtt", p.RTT)
		}
		o.int("throughput", int64(p.Throughput))
		o.close('}')
	}
	o.close(']')
	o.int("series_omitted", int64(c.SeriesOmitted))
	o.int("series_gap_at", int64(c.SeriesGapAt))
}
