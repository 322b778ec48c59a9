//go:build linux

package live

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets the test run itself as the program that gives up root.
func TestMain(m *testing.M) {
	if name, ok := os.LookupEnv("LIVE_TEST_DROP"); ok {
		who, err := DropRoot(name)
		if err == nil {
			err = os.WriteFile(os.Getenv("LIVE_TEST_FILE"), []byte(who), 0o666)
		}
		if err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Root is given up for good, and what is written then belongs to the user.
func TestDropRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("skipped: needs root, to give it up")
	}
	dir, err := os.MkdirTemp("/tmp", "drop")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	os.Chmod(dir, 0o777)
	for _, tt := range []struct {
		name string
		env  []string // LIVE_TEST_DROP first
		uid  uint32
		who  string
		err  string
	}{
		{"user", []string{"nobody"}, 65534, "nobody", ""},
		{"sudo", []string{"", "SUDO_UID=65534", "SUDO_GID=65534"}, 65534, "nobody", ""},
		{"sudo by an unknown id", []string{"", "SUDO_UID=54321", "SUDO_GID=54321"}, 54321, "user 54321", ""},
		{"sudo, staying root", []string{"root", "SUDO_UID=65534", "SUDO_GID=65534"}, 0, "", ""},
		{"no sudo", []string{""}, 0, "", ""},
		{"no such user", []string{"no-such-user"}, 0, "", "--user no-such-user: there is no such user"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(dir, strings.ReplaceAll(tt.name, " ", "-"))
			cmd := exec.Command("/proc/self/exe")
			cmd.Env = append([]string{"LIVE_TEST_FILE=" + file, "LIVE_TEST_DROP=" + tt.env[0]}, tt.env[1:]...)
			out, err := cmd.CombinedOutput()
			if tt.err != "" {
				if err == nil || string(out) != tt.err {
					t.Errorf("%v: %s", err, out)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			st, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			who, _ := os.ReadFile(file)
			if uid := st.Sys().(*syscall.Stat_t).Uid; uid != tt.uid || string(who) != tt.who {
				t.Errorf("a file of user %d by %q, want %d by %q", uid, who, tt.uid, tt.who)
			}
		})
	}
}
