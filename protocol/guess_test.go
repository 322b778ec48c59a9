package protocol

import (
	cryptotls "crypto/tls"
	"encoding/hex"
	"net"
	"strings"
	"testing"
	"time"
)

func unhex(s string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return string(b)
}

var known = []struct{ client, server, want string }{
	{"GET /index.html?q=1 HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n", "", "HTTP GET example.com/index.html?q=1"},
	{"GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n", "HTTP GET /"},
	{"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", "", "HTTP CONNECT example.com:443"},
	{"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", "", "HTTP GET http://example.com/"},
	{"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "", "WebSocket GET a/chat"},
	{"GET /\x1b[31m HTTP/1.1\r\nHost: a\x00b\r\n\r\n", "", "HTTP GET a.b/.[31m"},
	{"", "HTTP/1.1 404 Not Found\r\n", "HTTP 404"},
	{"POST /form HTTP/1.1\r\nHost: cut.exam", "", "HTTP POST /form"},
	{"OPTIONS rtsp://example.com/media RTSP/1.0\r\nCSeq: 1\r\n\r\n", "", "RTSP OPTIONS rtsp://example.com/media"},
	{"REGISTER sip:example.com SIP/2.0\r\nVia: x\r\n", "", "SIP REGISTER sip:example.com"},
	{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00", "", "HTTP/2"},
	{"PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\nGET / HTTP/1.1\r\nHost: behind\r\n\r\n", "", "HTTP GET behind/"},
	{"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + strings.Repeat("\x01", 12) + "SSH-2.0-Go\r\n", "", "SSH Go"},

	{"SSH-2.0-OpenSSH_9.9\r\n", "SSH-2.0-OpenSSH_9.2p1 Debian\r\n", "SSH OpenSSH_9.2p1 Debian"},
	{"SSH-2.0-libssh2\r\n", "", "SSH libssh2"},
	{"EHLO me\r\n", "220 mail.example.com ready\r\n", "SMTP mail.example.com ready"},
	{"", "220-mx.example.com ESMTP Postfix\r\n220 x\r\n", "SMTP mx.example.com ESMTP Postfix"},
	{"", "554 no SMTP service here\r\n", "SMTP no SMTP service here"},
	{"USER anonymous\r\n", "220 Welcome\r\n", "FTP Welcome"},
	{"", "220 ProFTPD Server\r\n", "FTP ProFTPD Server"},
	{"CAPA\r\n", "+OK ready\r\n", "POP3 ready"},
	{"a1 CAPABILITY\r\n", "* OK [CAPABILITY] Dovecot\r\n", "IMAP OK [CAPABILITY] Dovecot"},
	{"", "200 news.example.com NNTP ready\r\n", "NNTP news.example.com NNTP ready"},
	{"NICK me\r\nUSER me 0 * :me\r\n", "", "IRC"},
	{"", "\xff\xfd\x18\xff\xfd\x20", "Telnet"},
	{"", "RFB 003.008\n", "VNC 003.008"},
	{"", "@RSYNCD: 31.0 sha512\n", "rsync 31.0 sha512"},
	{"0033git-upload-pack /project.git\x00host=example.com\x00", "", "Git git-upload-pack /project.git"},
	{"", "INFO {\"server_id\":\"N\"}\r\n", "NATS"},
	{"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams'>", "", "XMPP"},
	{"\x13BitTorrent protocol\x00\x00", "", "BitTorrent"},

	{unhex("0000002900030000") + "user\x00alice\x00database\x00shop\x00\x00", "", "PostgreSQL user=alice database=shop"},
	{unhex("0000000804d2162f"), "S", "PostgreSQL"},
	{unhex("0000001004d2162e0000000100000002"), "", "PostgreSQL cancel"},
	{"", unhex("4a0000000a") + "8.0.36\x00" + strings.Repeat("\x01", 70), "MySQL 8.0.36"},
	{"*2\r\n$3\r\nget\r\n$1\r\na\r\n", "$1\r\nb\r\n", "Redis GET"},
	{unhex("12010011000000000000060001000b") + "\xff\x00", "", "TDS"},
	{unhex("003a000001000000013601") + strings.Repeat("\x00", 30) + "(DESCRIPTION=(CONNECT_DATA=", "", "Oracle TNS"},
	{unhex("1e0000000100000000000000dd07000000000000000b000000") + "\x01ping\x00", "", "MongoDB"},
	{unhex("040000000100000016") + "\x00\x01\x00\x0bCQL_VERSION\x00\x053.0.0", "", "Cassandra"},
	{"get key\r\n", "VALUE key 0 1\r\n1\r\nEND\r\n", "memcached get"},
	{unhex("300c020101600702010304008000"), "", "LDAP bind"},
	{unhex("302502010163200400 0a01000a0100020100020100010100870b6f626a656374436c6173733000"), "", "LDAP search"},

	{unhex("001d 1234 0100 0001 0000 0000 0000 07") + "example" + "\x03com\x00" + unhex("00010001"), "", "DNS example.com."},
	{unhex("101000044d5154540402003c0004") + "test", "", "MQTT 3.1.1"},
	{"AMQP\x00\x00\x09\x01", "", "AMQP 0-9-1"},
	{"GET /" + strings.Repeat("a", 200) + " HTTP/1.1\r\n\r\n", "", "HTTP GET /" + strings.Repeat("a", 120) + "..."},
	{strings.Repeat("\xff", 16) + unhex("001d0104fdea00b4c000020100"), "", "BGP AS65002"},
	{unhex("00000054") + "\xfeSMB@\x00", "", "SMB 2"},
	{unhex("0300002a25e00000000000") + "Cookie: mstshash=alice\r\n\x01\x00\x08\x00\x03\x00\x00\x00", "", "RDP alice"},
	{"CNXN" + unhex("00000001 00000400 1b000000 4d0a0000 bcb1a7b1"), "", "ADB"},
	{unhex("000100000006 01 03 0000 0001"), unhex("000100000005 01 03 02 0000"), "Modbus function 3"},
	{"\x05\x02\x00\x02", "\x05\x00", "SOCKS5"},
	{"l\x00\x0b\x00\x00\x00\x12\x00\x10\x00\x00\x00MIT-MAGIC-COOKIE-1", "", "X11"},
	{unhex("009c 0001 1a2b3c4d 0001 0000 0100 0000"), "", "PPTP"},
	{"\x17\x03\x03\x00\x03abc\x17\x03\x03\x00\x02de\x17\x03\x03\x40\x00f", "", "TLS"},
	{"\x17\x03\x03\x00\x03abc", "\x15\x03\x03\x00\x02de", "TLS"},
	{unhex("0401005000000001 00"), unhex("005a000000000000"), "SOCKS4"},
}

func TestGuess(t *testing.T) {
	for _, tt := range known {
		if got := Guess([]byte(tt.client), []byte(tt.server)).String(); got != tt.want {
			t.Errorf("Guess(%.60q, %.40q) = %q, want %q", tt.client, tt.server, got, tt.want)
		}
	}
}

// Precise rather than eager: what looks a little like a protocol is none.
func TestGuessSaysNothing(t *testing.T) {
	for _, tt := range [][2]string{
		{"", ""},
		{"\x00", ""},
		{"hello, world\r\n", ""},
		{"GET me a coffee\r\n", ""},
		{"get / HTTP/1.1\r\n", ""},
		{"", "220 \r\n"},
		{"", "+OK\r\n"},
		{"", "* OK\r\n"},
		{"", "200 fine\r\n"},
		{"\x05\x01\x00", ""},
		{"\x16\x03\x01", ""},
		{"\x17\x03\x03\x00\x03abc", ""},
		{"\x17\x03\x03\x00\x03abc\x17\x03\x03\x00\x03abc", "HTTP" + "/1.1 or so"},
		{"\x16\x03\x01\x00\x05\x02", ""},
		{"*1\r\n$4\n", ""},
		{"*1\r\n$9\r\nPING\r\n", "+PONG\r\n"},
		{strings.Repeat("\x00", 64), strings.Repeat("\x00", 64)},
		{strings.Repeat("\xff", 64), strings.Repeat("\xff", 64)},
		{"0000 this is text", "1111"},
		{"{\"json\": true}", "{\"ok\": 1}"},
	} {
		if got := Guess([]byte(tt[0]), []byte(tt[1])); got != (Label{}) {
			t.Errorf("Guess(%q, %q) = %q, want nothing", tt[0], tt[1], got)
		}
	}
}

// clientHello lets crypto/tls write one.
func clientHello(t *testing.T, config *cryptotls.Config) []byte {
	t.Helper()
	c, s := net.Pipe()
	defer s.Close()
	go func() {
		c.SetDeadline(time.Now().Add(time.Second))
		cryptotls.Client(c, config).Handshake()
		c.Close()
	}()
	b := make([]byte, 8192)
	n, err := s.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

func TestGuessTLS(t *testing.T) {
	hello := clientHello(t, &cryptotls.Config{ServerName: "www.example.com", NextProtos: []string{"h2", "http/1.1"}})
	if got, want := Guess(hello, nil).String(), "TLS www.example.com alpn=h2,http/1.1"; got != want {
		t.Errorf("Guess = %q, want %q", got, want)
	}
	// Cut anywhere: TLS it is from the first message header on.
	for n := 11; n < len(hello); n++ {
		if got := Guess(hello[:n], nil); got.Protocol != "TLS" || !strings.HasPrefix("www.example.com alpn=h2,http/1.1", got.Detail) {
			t.Fatalf("the first %d bytes: %q", n, got)
		}
	}
	hello = clientHello(t, &cryptotls.Config{InsecureSkipVerify: true})
	if got := Guess(hello, nil).String(); got != "TLS" {
		t.Errorf("without server name: %q", got)
	}
	if got := Guess(nil, []byte(unhex("160303004a020000460303")+strings.Repeat("\x01", 60))).String(); got != "TLS" {
		t.Errorf("server only: %q", got)
	}
}

func TestIsHTTPRequest(t *testing.T) {
	for payload, want := range map[string]bool{
		"GET / HTTP/1.1\r\n":          true,
		"M-SEARCH * HTTP/1.1\r\n":     true,
		"HTTP/1.1 200 OK\r\n":         false,
		"body of a POST\r\nHTTP/1.1":  false,
		"":                            false,
		"OPTIONS rtsp://a RTSP/1.0\n": false,
	} {
		if got := IsHTTPRequest([]byte(payload)); got != want {
			t.Errorf("IsHTTPRequest(%q) = %v, want %v", payload, got, want)
		}
	}
}

func FuzzGuess(f *testing.F) {
	for _, k := range known {
		f.Add([]byte(k.client), []byte(k.server))
	}
	f.Fuzz(func(t *testing.T, client, server []byte) {
		l := Guess(client, server)
		if len(l.Detail) > MaxDetail || !text([]byte(l.Detail)) || l.Protocol == "" && l.Detail != "" {
			t.Errorf("Guess(%q, %q) = %+v", client, server, l)
		}
		IsHTTPRequest(client)
	})
}

func BenchmarkGuess(b *testing.B) {
	random := make([]byte, 1400)
	for i := range random {
		random[i] = byte(i*7919>>3) ^ 0xa5
	}
	for _, bb := range []struct {
		name           string
		client, server []byte
	}{
		{"HTTP", []byte(known[0].client), nil},
		{"unknown", random, random},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Guess(bb.client, bb.server)
			}
		})
	}
}

func TestGuessDoesNotAllocateForNothing(t *testing.T) {
	b := []byte(strings.Repeat("\x83\x11z", 500))
	if n := testing.AllocsPerRun(100, func() { Guess(b, b) }); n > 0 {
		t.Errorf("%v allocations to find nothing", n)
	}
}
