package main

import (
	"errors"
	"fmt"
	"io/fs"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/reassembly"
	"tcpreplay-fsm/report"
	"tcpreplay-fsm/streams"
	"tcpreplay-fsm/tcp"
)

// byteStreams is who wants the bytes of conversations: --follow,
// --export-streams, both or neither.
type byteStreams struct {
	follow *streams.Follow
	export *streams.Exporter
}

func (o *options) openStreams(out *destination) (*byteStreams, error) {
	b := &byteStreams{}
	so := streams.Options{Policy: o.overlap}
	if o.follow >= 0 {
		b.follow = streams.NewFollow(out, o.follow, o.showAs, so)
	}
	if o.export != "" {
		var err error
		if b.export, err = streams.NewExporter(o.export, so); errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("--export-streams %s: it holds an export already (%s); name another directory", o.export, streams.IndexName)
		} else if err != nil {
			return nil, fmt.Errorf("--export-streams: %w", err)
		}
	}
	return b, nil
}

// with has the analyzer hand the segments over, if anybody wants them.
func (b *byteStreams) with(ao analyzer.Options) analyzer.Options {
	if b.follow != nil || b.export != nil {
		ao.Sink = b
	}
	return ao
}

// Segment implements reassembly.Sink.
func (b *byteStreams) Segment(c reassembly.Conversation, from reassembly.Side, s *tcp.Segment) {
	if b.follow != nil {
		b.follow.Segment(c, from, s)
	}
	if b.export != nil {
		b.export.Segment(c, from, s)
	}
}

// End implements reassembly.Sink.
func (b *byteStreams) End(id int) (conflicts [2][]reassembly.Conflict) {
	if b.follow != nil {
		conflicts = b.follow.End(id)
	}
	if b.export != nil {
		conflicts = b.export.End(id)
	}
	return conflicts
}

// close ends all streams and returns the first error.
func (b *byteStreams) close() error {
	var err error
	if b.follow != nil {
		err = b.follow.Close()
	}
	if b.export != nil {
		if e := b.export.Close(); err == nil {
			err = e
		}
	}
	return err
}

// noReport is the report where only bytes were asked for.
type noReport struct{}

func (noReport) Conversation(*analyzer.Conversation) error     { return nil }
func (noReport) End(*report.Capture, []analyzer.Finding) error { return nil }
