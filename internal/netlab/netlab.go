//go:build linux

package netlab

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Host is one network namespace.
type Host struct {
	Namespace string
	Interface string // its end of the cable
	IPv4      string
	IPv6      string
	t         testing.TB
}

// Slow is how many times slower than usual the race detector makes a program: a
// test of speed asks so much less of it.
const Slow = slow

// New makes two hosts, removed when the test ends. The test is skipped where
// namespaces are not allowed or iproute2 is missing.
func New(t testing.TB) (a, b *Host) {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("skipped: needs the ip command of iproute2")
	}
	name := func(x string) string { return fmt.Sprintf("fsm%d%s", os.Getpid()%100000, x) }
	a = &Host{name("a"), name("va"), "10.77.0.1", "fd77::1", t}
	b = &Host{name("b"), name("vb"), "10.77.0.2", "fd77::2", t}
	for _, h := range []*Host{a, b} {
		exec.Command("ip", "netns", "del", h.Namespace).Run() // left by a process of the same number that was killed
		if out, err := exec.Command("ip", "netns", "add", h.Namespace).CombinedOutput(); err != nil {
			t.Skipf("skipped: network namespaces are not allowed here: %s", strings.TrimSpace(string(out)))
		}
		t.Cleanup(func() { exec.Command("ip", "netns", "del", h.Namespace).Run() })
	}
	a.run("ip", "link", "add", a.Interface, "netns", a.Namespace, "type", "veth", "peer", "name", b.Interface, "netns", b.Namespace)
	for _, h := range []*Host{a, b} {
		h.IP("addr", "add", h.IPv4+"/24", "dev", h.Interface)
		h.IP("addr", "add", h.IPv6+"/64", "dev", h.Interface, "nodad")
		h.IP("link", "set", "lo", "up")
		h.IP("link", "set", h.Interface, "up")
	}
	return a, b
}

func (h *Host) run(name string, args ...string) string {
	h.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		h.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// IP runs ip(8) on the host.
func (h *Host) IP(args ...string) {
	h.t.Helper()
	h.run("ip", append([]string{"-n", h.Namespace}, args...)...)
}

// Run runs a command on the host and returns what it printed.
func (h *Host) Run(name string, args ...string) string {
	h.t.Helper()
	return h.run("ip", append([]string{"netns", "exec", h.Namespace, name}, args...)...)
}

// Do runs f on the host. Sockets that f makes stay there; goroutines that it
// starts do not run there.
func (h *Host) Do(f func()) {
	h.t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		fd, err := unix.Open("/run/netns/"+h.Namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			unix.Close(fd)
		}
		if err == nil {
			defer close(done)
			f()
			return
		}
		done <- err
	}()
	if err := <-done; err != nil {
		h.t.Fatalf("enter %s: %v", h.Namespace, err)
	}
}
