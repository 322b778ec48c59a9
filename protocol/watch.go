package protocol

// Watch guesses while the bytes of a conversation pass, and keeps as few of them
// as it can: none if the first chunk tells, at most Enough of each side for a
// few chunks otherwise. The zero Watch is ready to use.
type Watch struct {
	label  Label
	http   *Requests // of a client that speaks HTTP/1
	head   [2][]byte
	chunks int
	over   bool
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
	if w.http != nil {
		if side == Client {
			w.http.See(b, len(b))
		}
		return
	}
	if w.over {
		return
	}
	w.chunks++
	if len(w.head[side]) < Enough { // else the same bytes would be guessed at again
		w.guess(side, b)
	}
	w.over = w.over || w.chunks == maxChunks
	if w.over {
		w.head[Client], w.head[Server] = w.head[Client][:0], w.head[Server][:0]
	}
}

// guess looks at what was said so far and b, which side says next, and keeps b if that does
// not tell.
func (w *Watch) guess(side int, b []byte) {
	sides := w.head
	if len(sides[side]) == 0 {
		sides[side] = b
	} else {
		w.keep(side, b)
		sides = w.head
	}
	if l := Guess(sides[Client], sides[Server]); l.Protocol != "" {
		w.label = l
		if client := skipProxyHeader(sides[Client]); l.Protocol == "HTTP" && len(client) > 0 {
			w.http = &Requests{}
			w.http.See(client, len(client)) // the first one may have come in pieces
		}
		w.over = l.Protocol != "TLS" || l.Detail != "" || !cutHello(sides[Client])
	}
	if !w.over && len(w.head[side]) == 0 {
		w.keep(side, b)
	}
}

// Reset makes w ready for another conversation. The room that it had for the first
// bytes stays; what Requests returned is the caller's.
func (w *Watch) Reset() {
	*w = Watch{head: [2][]byte{w.head[Client][:0], w.head[Server][:0]}}
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

// Requests counts the requests of a client whose label is HTTP; nil else.
func (w *Watch) Requests() *Requests { return w.http }
