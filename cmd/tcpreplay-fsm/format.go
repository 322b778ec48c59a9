package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// settleReport settles what is written and in which format, and refuses what cannot
// be had together: nobody is to find text in a file that was to hold JSON.
func (o *options) settleReport() error {
	asked := o.format // "" if only the file's name tells
	if asked == "" {
		if err := o.misnamed(); err != nil {
			return err
		}
		o.format = formatOf(o.output)
	}
	if !slices.Contains([]string{"text", "json", "ndjson", "html"}, o.format) {
		return fmt.Errorf("--format %q: it is text, json, ndjson or html", o.format)
	}
	if !slices.Contains([]string{"auto", "always", "never"}, o.color) {
		return fmt.Errorf("--color %q: it is auto, always or never", o.color)
	}
	for _, id := range o.conversations {
		if id < 0 {
			return fmt.Errorf("--conversation %d: conversations are numbered from 0", id)
		}
	}
	for _, id := range o.series {
		if id < 0 {
			return fmt.Errorf("--series %d: conversations are numbered from 0", id)
		}
	}
	switch {
	case o.live.iface == "":
	case len(o.series) > 0:
		return errors.New("--series is for captures; save one with -w and read that")
	case o.follow >= 0:
		return errors.New("--follow is for captures; save one with -w and read that")
	case o.export != "":
		return errors.New("--export-streams is for captures; save one with -w and read that")
	}
	switch {
	case o.follow >= 0 && o.at != nil:
		return errors.New("--follow is a report of its own: it cannot be had together with --at")
	case len(o.conversations) > 0 && (o.follow >= 0 || o.at != nil):
		return errors.New("--conversation is of the usual report: it cannot be had together with --follow or --at")
	case len(o.series) > 0 && (o.follow >= 0 || o.at != nil):
		return errors.New("--series is a report of its own: it cannot be had together with --follow or --at")
	case len(o.series) > 0 && o.format == "html":
		return errors.New("--series gives CSV, or with json and ndjson a member of the conversation; the HTML report draws its graphs by itself")
	case o.at != nil && o.format != "text":
		return fmt.Errorf("--at gives text, no %s; a conversation's timeline in the JSON report tells its states over time", o.format)
	case o.follow >= 0 && asked != "" && asked != "text":
		return fmt.Errorf("--follow gives the bytes, no %s; --follow-as says how they are shown", asked)
	case o.follow >= 0: // the bytes may be JSON or HTML themselves, and their file be called so
		o.format = "text"
	}
	return nil
}

// misnamed is an error if the name of the report's file promises what it will not be.
func (o *options) misnamed() error {
	switch ext := strings.ToLower(filepath.Ext(o.output)); ext {
	case ".gz", ".zst", ".bz2", ".xz", ".lz4":
		if o.follow < 0 { // the bytes may be compressed themselves
			return fmt.Errorf("-o %s: a report is not compressed; name it without %s, or pipe it with --format json", o.output, ext)
		}
	case ".pcap", ".pcapng", ".cap":
		switch {
		case o.follow >= 0: // the bytes may be a capture themselves
		case o.live.iface != "":
			return fmt.Errorf("-o %s: a report is no capture; -w saves that", o.output)
		default:
			return fmt.Errorf("-o %s: a report is no capture; name it .txt, .json or .html", o.output)
		}
	case ".csv":
		if len(o.series) == 0 && o.follow < 0 {
			return fmt.Errorf("-o %s: CSV is what --series N gives of conversation N", o.output)
		}
	}
	return nil
}

// formatOf is the format that the extension of a file asks for.
func formatOf(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return "json"
	case ".ndjson", ".jsonl":
		return "ndjson"
	case ".html", ".htm":
		return "html"
	}
	return "text"
}
