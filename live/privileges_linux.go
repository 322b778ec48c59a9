//go:build linux

package live

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// DropRoot makes the process run as another user, for good, once the interface is
// open: name, or "" for who called sudo. It does nothing for a process that is
// not root, and, with "", for one that sudo did not start. It returns the user's
// name, or "" if nothing was done.
func DropRoot(name string) (string, error) {
	if os.Geteuid() != 0 {
		return "", nil
	}
	u, err := target(name)
	if u == nil || err != nil {
		return "", err
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	if uid == 0 {
		return "", nil
	}
	groups := []int{gid}
	if ids, err := u.GroupIds(); err == nil {
		for _, id := range ids {
			if g, err := strconv.Atoi(id); err == nil && g != 0 {
				groups = append(groups, g)
			}
		}
	}
	for _, step := range []struct {
		what string
		err  func() error
	}{
		{"groups", func() error { return syscall.Setgroups(groups) }},
		{"group", func() error { return syscall.Setresgid(gid, gid, gid) }},
		{"user", func() error { return syscall.Setresuid(uid, uid, uid) }},
	} {
		if err := step.err(); err != nil {
			return "", fmt.Errorf("give up root: set %s: %w", step.what, err)
		}
	}
	if syscall.Setuid(0) == nil {
		return "", errors.New("give up root: it could be taken back")
	}
	return u.Username, nil
}

// target is the user to become, nil for none.
func target(name string) (*user.User, error) {
	if name != "" {
		u, err := user.Lookup(name)
		if err != nil {
			return nil, fmt.Errorf("--user %s: there is no such user", name)
		}
		return u, nil
	}
	uid := os.Getenv("SUDO_UID")
	if uid == "" || uid == "0" {
		return nil, nil
	}
	if u, err := user.LookupId(uid); err == nil {
		return u, nil
	}
	return &user.User{Uid: uid, Gid: os.Getenv("SUDO_GID"), Username: "user " + uid}, nil
}
