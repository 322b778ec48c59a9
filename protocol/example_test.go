package protocol_test

import (
	"fmt"

	"tcpreplay-fsm/protocol"
)

func ExampleGuess() {
	client := []byte("GET /status HTTP/1.1\r\nHost: api.example.com\r\n\r\n")
	fmt.Println(protocol.Guess(client, nil))
	fmt.Println(protocol.Guess(nil, []byte("SSH-2.0-OpenSSH_9.9\r\n")))
	// Output:
	// HTTP GET api.example.com/status
	// SSH OpenSSH_9.9
}
