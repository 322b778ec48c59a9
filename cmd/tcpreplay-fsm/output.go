package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// destination is where the report goes. A file is written beside its final
// name and renamed when it is complete, so that nobody ever reads half of one.
type destination struct {
	*bufio.Writer
	target io.Writer // for questions about the terminal
	file   *os.File  // nil for standard output
	name   string    // to rename file to; "" if it has its name already
}

// openOutput opens the report's destination. It refuses to write over an input.
func openOutput(name string, inputs []string, stdout io.Writer) (*destination, error) {
	if name == "" || name == "-" {
		return &destination{Writer: bufio.NewWriterSize(stdout, 64<<10), target: stdout}, nil
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	d := &destination{name: name}
	path := fmt.Sprintf("%s.%d.part", name, os.Getpid())
	mode, perm := os.O_CREATE|os.O_EXCL|os.O_WRONLY, os.FileMode(0o666)
	if old, err := os.Stat(name); err == nil {
		for _, in := range inputs {
			if st, err := os.Stat(in); err == nil && os.SameFile(old, st) {
				return nil, fmt.Errorf("-o %s: that is the capture itself; name another file", name)
			}
		}
		if old.IsDir() {
			return nil, fmt.Errorf("-o %s: that is a directory; name a file", name)
		}
		if !old.Mode().IsRegular() { // a device or a named pipe keeps its name
			path, mode, d.name = name, os.O_WRONLY, ""
		}
		perm = old.Mode().Perm() // what only its owner could read stays so
	}
	f, err := os.OpenFile(path, mode, perm)
	if err != nil {
		return nil, fmt.Errorf("-o %s: %w", name, errors.Unwrap(err))
	}
	d.file, d.target = f, f
	d.Writer = bufio.NewWriterSize(f, 64<<10)
	return d, nil
}

// complete gives the report its name.
func (d *destination) complete() error {
	if err := d.Flush(); err != nil || d.file == nil {
		return err
	}
	if err := d.file.Close(); err != nil || d.name == "" {
		return err
	}
	return os.Rename(d.file.Name(), d.name)
}

// abandon removes what was written; after complete it does nothing.
func (d *destination) abandon() {
	if d.file == nil || d.name == "" {
		return
	}
	d.file.Close()
	os.Remove(d.file.Name())
}
