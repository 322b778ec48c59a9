package report

import (
	"math"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/tcp"
)

// appendMeasures writes the figures of what one side sent (docs/measures.md).
func appendMeasures(o *object, c *analyzer.Conversation, side analyzer.Side) {
	e := &c.Endpoints[side]
	m := &e.Measures
	o.open("measures", '{')
	o.seconds("handshake_rtt", m.HandshakeRTT)
	o.int("window_max", int64(m.WindowMax))
	o.int("window_min", int64(m.WindowMin))
	o.seconds("longest_idle", m.LongestIdle)
	positive := func(name string, v int64) {
		if v > 0 {
			o.int(name, v)
		}
	}
	lasting := func(name string, ns int64) {
		if ns > 0 {
			o.seconds(name, ns)
		}
	}
	positive("payload_bytes", int64(m.PayloadBytes))
	positive("retransmitted_bytes", int64(m.RetransmittedBytes))
	positive("timeouts", int64(m.Timeouts))
	positive("fast_retransmissions", int64(m.FastRetransmissions))
	positive("tail_retransmissions", int64(m.TailRetransmissions))
	positive("other_retransmissions", int64(m.OtherRetransmissions))
	positive("spurious", int64(m.Spurious))
	positive("out_of_order", int64(m.OutOfOrder))
	positive("duplicate_acks", int64(m.DuplicateACKs))
	positive("sacks", int64(m.SACKs))
	positive("dsacks", int64(m.DSACKs))
	if m.RTTSamples > 0 {
		o.open("rtt", '{')
		o.int("samples", int64(m.RTTSamples))
		o.seconds("min", m.RTTMin)
		o.seconds("median", m.RTTMedian)
		o.seconds("p95", m.RTTP95)
		o.seconds("max", m.RTTMax)
		o.close('}')
	}
	positive("in_flight_max", int64(m.InFlightMax))
	positive("initial_window", int64(m.InitialWindow))
	lasting("zero_window", m.ZeroWindow)
	lasting("window_full", m.WindowFull)
	lasting("data_time", m.DataTime)
	positive("throughput", int64(math.Round(e.Throughput())))
	if m.Limited != "" {
		o.string("limited_by", m.Limited)
	}
	lasting("limited_by_application", m.LimitedByApplication)
	lasting("limited_by_receiver", m.LimitedByReceiver)
	lasting("limited_by_network", m.LimitedByNetwork)
	o.open("time_in", '{')
	for state, t := range c.TimeIn(side) {
		if t > 0 {
			o.seconds(tcp.State(state).String(), t)
		}
	}
	o.close('}')
	o.close('}')
}

// appendAgreed writes which options both SYNs offered.
func appendAgreed(o *object, a *analyzer.Agreed) {
	if !a.Known {
		return
	}
	o.open("agreed", '{')
	o.bool("window_scale", a.WindowScale)
	o.bool("timestamps", a.Timestamps)
	o.bool("sack", a.SACK)
	o.bool("ecn", a.ECN)
	o.bool("mptcp", a.MPTCP)
	o.bool("fast_open", a.FastOpen)
	o.close('}')
}
