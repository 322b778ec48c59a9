//go:build linux && race

package netlab

const slow = 10
