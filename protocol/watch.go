package protocol

// Watch guesses while the bytes of a conversation pass, and keeps as few of them
// as it can: none if the first chunk tells, at most Enough of each side for a
// few chunks otherwise. The zero Watch is ready to use.
type Watch struct {
	label    Label
	requests int
	head     [2][]byte
	chunks   int
	over     bool
}

// maxChunks is after how many chunks a Watch stops looking for a label.
const maxChunks = 12

// Client and Server tell a Watch who speaks.
const (
	Client = iota
	Server
)

// See takes the next bytes that a side says, in order and without those that it
// says again. It does not keep b.
func (w *Watch) See(side int, b []byte) {
	if len(b) == 0 {
		return
	}
	if side == Client && (w.label.Protocol == "" || w.label.Protocol == "HTTP") && IsHTTPRequest(b) {
		w.requests++
	}
	if w.over {
		return
	}
	w.chunks++
	sides := w.head
	if sides[side] == nil {
		sides[side] = b
	} else {
		w.keep(side, b)
		sides = w.head
	}
	if l := Guess(sides[Client], sides[Server]); l.Protocol != "" {
		w.label = l
		if l.Protocol == "HTTP" && len(sides[Client]) > 0 {
			w.requests = max(w.requests, 1) // the first one may have come in pieces
		}
		w.over = l.Protocol != "TLS" || l.Detail != "" || !cutHello(sides[Client])
	}
	w.over = w.over || w.chunks == maxChunks
	if w.over {
		w.head = [2][]byte{}
	} else if w.head[side] == nil {
		w.keep(side, b)
	}
}

func (w *Watch) keep(side int, b []byte) {
	w.head[side] = append(w.head[side], b[:min(len(b), Enough-len(w.head[side]))]...)
}

// cutHello reports whether more of a ClientHello is to come.
func cutHello(client []byte) bool {
	return len(client) >= 9 && client[0] == 22 && client[5] == 1 && len(client) < min(Enough, 9+be16(client[7:]))
}

// Label returns what is known so far.
func (w *Watch) Label() Label { return w.label }

// Requests counts the chunks of the client that began with an HTTP/1 request:
// more than one is HTTP keep-alive. See [IsHTTPRequest].
func (w *Watch) Requests() int { return w.requests }
