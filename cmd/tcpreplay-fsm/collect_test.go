package main

import "testing"

// The percentage that the runtime is given makes it collect at the heap that is
// meant, also while next to nothing is alive.
func TestPercent(t *testing.T) {
	const MiB, globals = 1 << 20, 5 << 20
	for _, test := range []struct {
		growth       growth
		live, before uint64 // bytes
		want         uint64 // MiB
	}{
		{frugal, 0, 0, 96}, {frugal, 3 * MiB, 88 * MiB, 96}, {frugal, 40 * MiB, 88 * MiB, 96}, {frugal, 70 * MiB, 88 * MiB, 96},
		{frugal, 80 * MiB, 88 * MiB, 96}, {frugal, 400 * MiB, 440 * MiB, 464}, {frugal, 1024 * MiB, 1000 * MiB, 1088},
		{frugal, 700 * MiB, 1152 * MiB, 1080}, {frugal, 20 * MiB, 160 * MiB, 150},
		{roomy, 3 * MiB, 0, 96}, {roomy, 80 * MiB, 88 * MiB, 160}, {roomy, 400 * MiB, 440 * MiB, 656},
	} {
		p := uint64(percent(test.live, globals, test.growth.goal(test.live, test.before)))
		// As gcControllerState.commit has it, but for the stacks.
		goal := max(test.live+(test.live+globals)*p/100, 4*MiB*p/100)
		if want := test.want * MiB; goal > want+MiB || goal < want-(test.live+globals)/100-MiB {
			t.Errorf("with %d MiB alive it is %d %%, which collects at %d MiB, want %d", test.live/MiB, p, goal/MiB, test.want)
		}
	}
}
