package report

import (
	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// appendLadder writes the rows of a conversation whose ladder was asked for.
// Sequence numbers are absolute; "isn" of the endpoints makes them relative.
func appendLadder(o *object, c *analyzer.Conversation) {
	o.open("ladder", '[')
	for i := range c.Rows {
		r := &c.Rows[i]
		o.element('{')
		o.int("frame", int64(r.Frame))
		o.time("time", r.Time)
		o.string("from", r.From.String())
		o.bool("icmp", r.ICMP)
		o.string("flags", r.Flags.String())
		o.int("seq", int64(r.Seq))
		o.int("ack", int64(r.Ack))
		o.int("len", int64(r.Len))
		o.int("window", int64(r.Window))
		if len(r.SACK) > 0 {
			o.open("sack", '[')
			for _, b := range r.SACK {
				o.element('[')
				o.number(int64(b.Left))
				o.b = append(o.b, ',')
				o.number(int64(b.Right))
				o.close(']')
			}
			o.close(']')
		}
		for side := analyzer.Client; side <= analyzer.Server; side++ {
			o.open(side.String(), '{')
			if r.Known[side] {
				o.string("state", r.States[side].String())
				o.string("evidence", r.Evidence[side].String())
				o.bool("changed", r.Changed[side])
			}
			o.close('}')
		}
		o.strings("marks", r.Marks)
		o.string("note", r.Note)
		if r.Comment != "" {
			o.string("comment", r.Comment)
		}
		o.close('}')
	}
	o.close(']')
	o.int("ladder_omitted", int64(c.RowsOmitted))
	o.int("ladder_gap_at", int64(c.RowsGapAt))
}

// appendOffered writes what the options of an endpoint's SYN offered.
func appendOffered(o *object, e *analyzer.Endpoint) {
	opt := &e.Offered
	o.open("offered", '{')
	if opt.Has(tcp.OptMSS) {
		o.int("mss", int64(opt.MSS))
	}
	if opt.Has(tcp.OptWindowScale) {
		o.int("window_scale", int64(opt.WindowScale))
	}
	o.bool("sack", opt.Has(tcp.OptSACKPermitted))
	o.bool("timestamps", opt.Has(tcp.OptTimestamps))
	o.bool("fast_open", opt.Has(tcp.OptFastOpen))
	o.bool("mptcp", opt.Has(tcp.OptMPTCP))
	if opt.Signed() {
		o.bool("signed", true)
	}
	o.close('}')
}
