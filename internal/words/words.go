// Package words puts numbers into sentences.
package words

import "fmt"

// Count is a number of things: "1 frame", "2 frames".
func Count[N int | int32 | uint32 | uint64](n N, noun string) string {
	return fmt.Sprintf("%d %s%s", n, noun, Of(n, "", "s"))
}

// Of is the word for one of n things, or for any other number of them.
func Of[N int | int32 | uint32 | uint64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
