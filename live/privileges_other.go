//go:build !linux

package live

import "errors"

// DropRoot is for Linux: elsewhere it refuses a name, and does nothing for "".
func DropRoot(name string) (string, error) {
	if name != "" {
		return "", errors.New("--user: only on Linux")
	}
	return "", nil
}
