package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"tcpreplay-fsm/analyzer"
	"tcpreplay-fsm/capture/wire"
)

// completes answers a shell that asks how a command line may go on, as bash does after
// complete -C, and reports whether one did: it hands on the line in the environment,
// and the command's name, the word in question and the one before it as arguments.
// What is asked of the program and not of a script of its own never grows stale.
func completes(args []string, stdout io.Writer) bool {
	line, asked := os.LookupEnv("COMP_LINE")
	if !asked || len(args) != 3 {
		return false
	}
	if n, err := strconv.Atoi(os.Getenv("COMP_POINT")); err == nil && 0 <= n && n < len(line) {
		line = line[:n]
	}
	for _, s := range complete(line, args[1]) {
		fmt.Fprintln(stdout, s)
	}
	return true
}

// complete lists what may stand in place of word, with which line ends; nothing where
// it is the name of a file.
func complete(line, word string) []string {
	f := flagSet(&options{}, &written{})
	words := strings.Fields(line)
	if len(words) == 0 || strings.HasSuffix(line, " ") {
		words = append(words, "")
	}
	value := word
	var flag *pflag.Flag // whose value is asked for
	name, after, joined := strings.Cut(words[len(words)-1], "=")
	switch {
	case joined:
		flag, value = lookup(f, name), after
	case len(words) > 2:
		flag = lookup(f, words[len(words)-2])
	}
	var all []string
	switch {
	case flag != nil && (joined || flag.NoOptDefVal == ""):
		all = valuesOf(flag.Name)
	case strings.HasPrefix(word, "-"):
		f.VisitAll(func(flag *pflag.Flag) {
			if !flag.Hidden {
				all = append(all, "--"+flag.Name)
			}
		})
		all = append(all, "--help")
	}
	if flag != nil && strings.HasSuffix(flag.Value.Type(), "Slice") { // a list: its last item
		value = value[strings.LastIndexByte(value, ',')+1:]
	}
	before := strings.TrimSuffix(word, value)
	all = slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, value) })
	for i := range all {
		all[i] = before + all[i]
	}
	return all
}

// lookup finds the flag that a word such as --output or -o names; nil if none.
func lookup(f *pflag.FlagSet, word string) *pflag.Flag {
	if name, ok := strings.CutPrefix(word, "--"); ok {
		return f.Lookup(name)
	}
	if len(word) == 2 && word[0] == '-' {
		return f.ShorthandLookup(word[1:])
	}
	return nil
}

// valuesOf lists what a flag takes, where that can be listed.
func valuesOf(flag string) []string {
	var ids, levels, interfaces []string
	for _, r := range analyzer.Rules() {
		ids = append(ids, r.ID)
	}
	for _, s := range severities {
		levels = append(levels, s.String())
	}
	switch flag {
	case "format":
		return []string{"text", "json", "ndjson", "html"}
	case "color":
		return []string{"auto", "always", "never"}
	case "follow-as":
		return []string{"text", "hex", "raw"}
	case "overlap":
		return []string{"first", "last", "linux", "bsd", "windows"}
	case "explain", "only", "ignore":
		return ids
	case "min-severity":
		return levels
	case "fail-on":
		return append(levels, ids...)
	case "interface":
		devices, _ := wire.Devices() // without them there is nothing to offer
		for _, d := range devices {
			interfaces = append(interfaces, d.Name)
		}
		return append(interfaces, wire.Any)
	}
	return nil
}
