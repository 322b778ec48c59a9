package pcaptest

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tcpreplay-fsm/tcp"
)

const (
	defaultGap    = int64(time.Millisecond)
	defaultWindow = 64240
	defaultTTL    = 64
	maxLen        = 1 << 20 // of a payload, so that a slip does not fill memory
)

// segment reads a line such as "A SYN 0 mss=1460 | SYN_SENT LISTEN".
func (p *parser) segment(line string) error {
	line, states, hasStates := strings.Cut(line, "|")
	st := Step{Line: p.line}
	if hasStates {
		if err := st.expectStates(strings.Fields(states)); err != nil {
			return err
		}
	}
	words, gap, err := takeGap(strings.Fields(line))
	if err != nil {
		return err
	}
	if len(words) < 2 {
		return fmt.Errorf("a segment needs a side and flags")
	}
	side, ok := sideOf(words[0])
	if !ok {
		return fmt.Errorf("no side %q: want A or B", words[0])
	}
	st.From = side
	b := builder{s: &st.Segment, isn: p.isn[side], peerISN: p.isn[1-side]}
	s := b.s
	p.ipid[side]++
	*s = tcp.Segment{
		Frame:  len(p.out.Steps) + 1,
		Tuple:  tuple(p.addr[side], p.addr[1-side]),
		Window: defaultWindow, TTL: defaultTTL, IPID: p.ipid[side],
	}
	if s.IPv6 = p.addr[side].Addr().Is6(); s.IPv6 {
		s.IPID = 0
	}
	if s.Flags, err = flags(words[1]); err != nil {
		return err
	}
	for _, w := range words[2:] {
		if err := b.field(w); err != nil {
			return err
		}
	}
	switch {
	case !b.hasSeq:
		return fmt.Errorf("a sequence number is missing")
	case s.Flags.Has(tcp.ACK) && !b.hasAck:
		return fmt.Errorf("an acknowledgment number is missing")
	}
	s.Payload = payload(s.Seq, s.Len, b.fill)
	if b.says != "" {
		s.Payload, s.Len = []byte(b.says), uint32(len(b.says))
	}
	if len(p.out.Steps) > 0 {
		p.now += gap
	}
	s.Time = p.now
	p.out.Steps = append(p.out.Steps, st)
	return nil
}

func (st *Step) expectStates(words []string) (err error) {
	if len(words) != 2 {
		return fmt.Errorf("want the states of A and B after the bar")
	}
	for i, w := range words {
		if st.States[i], st.Known[i], err = state(w); err != nil {
			return err
		}
	}
	return nil
}

// takeGap takes the word +N out of words.
func takeGap(words []string) (rest []string, gap int64, err error) {
	gap = defaultGap
	for _, w := range words {
		if s, ok := strings.CutPrefix(w, "+"); ok {
			if gap, err = seconds(s); err != nil {
				return nil, 0, err
			}
			continue
		}
		rest = append(rest, w)
	}
	return rest, gap, nil
}

func tuple(src, dst netip.AddrPort) tcp.Tuple {
	return tcp.Tuple{
		Src: tcp.AddrFrom(src.Addr()), Dst: tcp.AddrFrom(dst.Addr()),
		SrcPort: src.Port(), DstPort: dst.Port(),
	}
}

func flags(s string) (f tcp.Flags, err error) {
	if s == "-" {
		return 0, nil
	}
next:
	for name := range strings.SplitSeq(s, ",") {
		for bit := tcp.FIN; bit <= tcp.AE; bit <<= 1 {
			if bit.String() == name {
				f |= bit
				continue next
			}
		}
		return 0, fmt.Errorf("no flag %q", name)
	}
	return f, nil
}

// builder fills in a segment, word by word.
type builder struct {
	s              *tcp.Segment
	isn, peerISN   tcp.Seq
	hasSeq, hasAck bool
	fill           string
	says           string
}

func (b *builder) field(w string) (err error) {
	name, v, hasValue := strings.Cut(w, "=")
	if !hasValue {
		switch name {
		case "df":
			b.s.DF = true
			return nil
		case "sackok":
			b.s.Options.Set |= tcp.OptSACKPermitted
			return nil
		case "md5":
			b.s.Options.Set |= tcp.OptMD5
			return nil
		}
		if name, v = "seq", w; b.hasSeq {
			name = "ack"
		}
		if _, err := seq(v, 0); err != nil {
			return fmt.Errorf("no field %q", w)
		}
	}
	s, o := b.s, &b.s.Options
	switch name {
	case "seq":
		if b.hasSeq {
			return fmt.Errorf("%q is a second sequence number", w)
		}
		b.hasSeq = true
		s.Seq, err = seq(v, b.isn)
	case "ack":
		if b.hasAck {
			return fmt.Errorf("%q is a second acknowledgment number", w)
		}
		b.hasAck = true
		s.Ack, err = seq(v, b.peerISN)
	case "len":
		err = number(v, &s.Len, maxLen)
	case "fill":
		if b.fill = v; len(v) != 1 {
			err = fmt.Errorf("fill takes one character, not %q", v)
		}
	case "win":
		err = number(v, &s.Window, 1<<16-1)
	case "urg":
		err = number(v, &s.Urgent, 1<<16-1)
	case "ttl":
		err = number(v, &s.TTL, 255)
	case "mac":
		err = number(v, &s.LinkSource, 1<<16-1)
	case "ipid":
		err = number(v, &s.IPID, 1<<16-1)
	case "mss":
		o.Set |= tcp.OptMSS
		err = number(v, &o.MSS, 1<<16-1)
	case "ws":
		o.Set |= tcp.OptWindowScale
		err = number(v, &o.WindowScale, 255)
	case "ts":
		o.Set |= tcp.OptTimestamps
		val, ecr, _ := strings.Cut(v, "/")
		if err = number(val, &o.TSVal, 1<<32-1); err == nil {
			err = number(ecr, &o.TSEcr, 1<<32-1)
		}
	case "sack":
		o.Set |= tcp.OptSACK
		err = b.sack(v)
	default:
		payload, ok, wrong := says(name, v)
		if b.says, err = payload, wrong; !ok && err == nil {
			err = fmt.Errorf("no field %q", w)
		}
	}
	return err
}

func (b *builder) sack(v string) (err error) {
	o := &b.s.Options
	for block := range strings.SplitSeq(v, ",") {
		left, right, ok := strings.Cut(block, "-")
		if !ok || int(o.SACKBlocks) == len(o.SACK) {
			return fmt.Errorf("want one to four blocks L-R, not %q", v)
		}
		to := &o.SACK[o.SACKBlocks]
		if to.Left, err = seq(left, b.peerISN); err != nil {
			return err
		}
		if to.Right, err = seq(right, b.peerISN); err != nil {
			return err
		}
		o.SACKBlocks++
	}
	return nil
}

// number reads an unsigned number of at most limit into to.
func number[T uint8 | uint16 | uint32](v string, to *T, limit uint64) error {
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil || n > limit {
		return fmt.Errorf("%q is no number up to %d", v, limit)
	}
	*to = T(n)
	return nil
}

// payload returns n bytes as they stand at sequence number at: letters by that
// number, or all of them fill.
func payload(at tcp.Seq, n uint32, fill string) []byte {
	if fill != "" {
		return bytes.Repeat([]byte(fill), int(n))
	}
	out := make([]byte, n)
	for i := range out {
		out[i] = 'a' + byte(uint32(at.Add(uint32(i)))%26)
	}
	return out
}
