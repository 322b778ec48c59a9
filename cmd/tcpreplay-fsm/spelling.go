package main

import (
	"strings"

	"github.com/spf13/pflag"
)

// meant lists the names that a mistyped word may stand for: those that two slips of
// the finger make of it, else those that hold it or that it holds.
func meant(word string, names []string) []string {
	var near, like []string
	for _, name := range names {
		if slips(word, name) <= min(2, len(name)/3) {
			near = append(near, name)
		}
		if min(len(word), len(name)) > 2 && (strings.Contains(name, word) || strings.Contains(word, name)) {
			like = append(like, name)
		}
	}
	if len(near) > 0 {
		return near
	}
	return like
}

// slips counts the letters that were left out, put in, mistaken, or exchanged with
// their neighbour between a and b: the optimal string alignment distance.
func slips(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			wrong := 1
			if a[i] == b[j] {
				wrong = 0
			}
			row[j+1] = min(last[j]+wrong, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

// advise says what to write instead of a flag that does not exist.
func advise(f *pflag.FlagSet, wrong *pflag.NotExistError) string {
	if wrong.GetSpecifiedShortnames() != "" {
		if wrong.GetSpecifiedName() == "r" { // tcpdump's and tshark's
			return "a capture is named without a flag: tcpreplay-fsm FILE"
		}
	} else {
		var names []string
		f.VisitAll(func(flag *pflag.Flag) {
			if !flag.Hidden {
				names = append(names, flag.Name)
			}
		})
		if like := meant(wrong.GetSpecifiedName(), names); len(like) > 0 && len(like) <= 3 {
			return "did you mean --" + strings.Join(like, " or --") + "?"
		}
	}
	return "see tcpreplay-fsm -h for the flags"
}
