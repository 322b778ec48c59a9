package capture

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// expandInputs replaces directories by the captures that lie in them (not in
// directories below) and patterns such as "trace-*.pcap", where a shell has not
// done so, by the files they match, both in order of their names. Other names,
// "-" among them, stay as they are, whether they exist or not.
func expandInputs(names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		info, err := os.Stat(name)
		switch {
		case name == "-":
			out = append(out, name)
		case err == nil && info.IsDir():
			files, err := capturesIn(name)
			if err != nil {
				return nil, err
			}
			out = append(out, files...)
		case err != nil && strings.ContainsAny(name, "*?["):
			files, err := filepath.Glob(name)
			if err != nil || len(files) == 0 {
				return nil, &ReadError{Name: name, Err: fmt.Errorf("no file matches this pattern")}
			}
			out = append(out, files...)
		default:
			out = append(out, name)
		}
	}
	return out, nil
}

// capturesIn lists the files of a directory that begin like a capture or like
// something compressed.
func capturesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &ReadError{Name: dir, Err: err}
	}
	var out []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && beginsLikeCapture(name) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return nil, &ReadError{Name: dir, Err: fmt.Errorf("%w: name a capture file", ErrIsDirectory)}
	}
	return out, nil
}

// beginsLikeCapture looks at a file's first bytes. One that cannot be opened may be a
// capture: whoever reads the directory is to be told.
func beginsLikeCapture(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return true
	}
	defer file.Close()
	head := make([]byte, 16)
	n, _ := file.Read(head)
	for _, f := range formats {
		if strings.HasPrefix(string(head[:n]), f.magic) {
			return true
		}
	}
	for _, c := range compressions {
		if strings.HasPrefix(string(head[:n]), c.magic) {
			return true
		}
	}
	return false
}
