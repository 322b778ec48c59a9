package protocol

import "bytes"

// What begins with a line of text, or with a fixed string.

func ssh(client, server []byte) Label {
	for _, side := range [][]byte{server, client} {
		if l, _ := line(side); has(l, "SSH-2.0-") || has(l, "SSH-1.") && len(l) > 8 {
			return Label{"SSH", clean(l[8:])}
		}
	}
	return Label{}
}

// mail knows SMTP, FTP, POP3, IMAP and NNTP by the server's greeting, with what
// the client answers where the greeting does not tell.
func mail(client, server []byte) Label {
	greeting, ok := line(server)
	if !ok || len(greeting) < 3 || !textish(greeting) {
		return Label{}
	}
	says := func(words ...string) bool {
		for _, w := range words {
			if len(client) >= len(w) && bytes.EqualFold(client[:len(w)], []byte(w)) {
				return true
			}
		}
		return false
	}
	mentions := func(word string) bool { return bytes.Contains(bytes.ToUpper(greeting), []byte(word)) }
	rest := clean(greeting[3:])
	switch {
	case has(greeting, "220"):
		if rest != "" && rest[0] == '-' {
			rest = rest[1:]
		}
		switch {
		case says("EHLO ", "HELO ", "LHLO ") || mentions("SMTP"):
			return Label{"SMTP", rest}
		case says("USER ", "AUTH TLS", "AUTH SSL", "FEAT\r\n") || mentions("FTP"):
			return Label{"FTP", rest}
		}
	case has(greeting, "554 ") && (mentions("SMTP") || says("EHLO ", "HELO ")):
		return Label{"SMTP", rest}
	case has(greeting, "+OK") && (says("USER ", "CAPA", "AUTH", "STLS", "APOP ", "QUIT") || mentions("POP")):
		return Label{"POP3", rest}
	case has(greeting, "* OK") || has(greeting, "* PREAUTH"):
		if mentions("IMAP") || tagged(client) {
			return Label{"IMAP", clean(greeting[2:])}
		}
	case (has(greeting, "200 ") || has(greeting, "201 ")) && (mentions("NNTP") || mentions("NEWS") || says("MODE READER", "GROUP ", "CAPABILITIES")):
		return Label{"NNTP", rest}
	}
	return Label{}
}

// tagged reports whether b is an IMAP command: a tag, then a word that a client
// may begin with (RFC 9051 section 6).
func tagged(b []byte) bool {
	l, ok := line(b)
	tag, command, found := bytes.Cut(l, []byte(" "))
	if !ok || !found || len(tag) == 0 || len(tag) > 16 || !text(tag) {
		return false
	}
	for _, w := range []string{"CAPABILITY", "LOGIN ", "STARTTLS", "AUTHENTICATE ", "ID ", "NOOP", "LOGOUT", "SELECT ", "LIST "} {
		if len(command) >= len(w) && bytes.EqualFold(command[:len(w)], []byte(w)) {
			return true
		}
	}
	return false
}

// textish is text that may be in another script.
func textish(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func irc(client, server []byte) Label {
	l, ok := line(client)
	if !ok || !textish(l) {
		return Label{}
	}
	if has(l, "CAP LS") || (has(l, "NICK ") || has(l, "PASS ")) && bytes.Contains(client, []byte("\nUSER ")) {
		return Label{Protocol: "IRC"}
	}
	return Label{}
}

// telnet: options are negotiated first (RFC 854: IAC, then WILL, WONT, DO or
// DONT). A TLS-like or other binary protocol does not begin so on either side.
func telnet(client, server []byte) Label {
	negotiates := func(b []byte) bool {
		return len(b) >= 3 && b[0] == 0xff && b[1] >= 0xfb && b[1] <= 0xfe && b[2] < 50
	}
	if negotiates(server) && (len(client) == 0 || negotiates(client)) || len(server) == 0 && negotiates(client) && len(client)%3 == 0 {
		return Label{Protocol: "Telnet"}
	}
	return Label{}
}

func vnc(client, server []byte) Label {
	if len(server) >= 12 && has(server, "RFB 0") && server[7] == '.' && server[11] == '\n' {
		return Label{"VNC", clean(server[4:11])}
	}
	return Label{}
}

func rsync(client, server []byte) Label {
	for _, side := range [][]byte{server, client} {
		if l, ok := line(side); ok && has(l, "@RSYNCD: ") {
			return Label{"rsync", clean(l[9:])}
		}
	}
	return Label{}
}

// gitDaemon: a packet line with a request (gitprotocol-pack).
func gitDaemon(client, server []byte) Label {
	if len(client) < 20 || !has(client[4:], "git-upload-pack /") && !has(client[4:], "git-receive-pack /") && !has(client[4:], "git-upload-archive /") {
		return Label{}
	}
	request, _, _ := bytes.Cut(client[4:], []byte{0})
	return Label{"Git", clean(request)}
}

func nats(client, server []byte) Label {
	if has(server, "INFO {") {
		return Label{Protocol: "NATS"}
	}
	return Label{}
}

func xmpp(client, server []byte) Label {
	head := client[:min(len(client), 512)]
	if (has(head, "<?xml") || has(head, "<stream:stream")) && bytes.Contains(head, []byte("http://etherx.jabber.org/streams")) {
		return Label{Protocol: "XMPP"}
	}
	return Label{}
}

func bitTorrent(client, server []byte) Label {
	if has(client, "\x13BitTorrent protocol") {
		return Label{Protocol: "BitTorrent"}
	}
	return Label{}
}
