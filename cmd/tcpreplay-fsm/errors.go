package main

import (
	"errors"
	"strings"
	"unicode"

	"tcpreplay-fsm/capture"
	"tcpreplay-fsm/capture/wire"
)

// oneLine is the text of an error for stderr. File names may hold control
// characters; they do not reach the terminal.
func oneLine(err error) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, err.Error())
}

// advice is what to do about an error whose text does not say it, or "".
func advice(err error) string {
	switch {
	case errors.Is(err, capture.ErrTooMuch):
		return "; --max-expand allows more"
	case errors.Is(err, capture.ErrTruncated), errors.Is(err, capture.ErrCorrupt):
		return "; not one frame could be read: copy or record it again"
	case errors.Is(err, wire.ErrNotPermitted):
		return "; run it with sudo, or give it the right once: sudo setcap cap_net_raw+ep $(command -v tcpreplay-fsm)"
	case errors.Is(err, wire.ErrNoInterface):
		return "; -D lists the interfaces"
	}
	return ""
}
