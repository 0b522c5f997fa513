// Package proc reads from Linux's /proc what processes use.
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc/<pid>/stat on every Linux that Go runs
// on: 1/100 s, the kernel's USER_HZ.
const tick = 10 * time.Millisecond

// CPU returns the processor time that processes have used, user and system,
// with that of their children that have ended. A process that is gone counts
// nothing: its parent has its time.
func CPU(pids ...int) (total time.Duration, err error) {
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		// The name, in parentheses, may contain anything; field 3 follows it.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 15 {
			return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
		}
		for _, field := range fields[11:15] { // utime stime cutime cstime
			ticks, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
			}
			total += time.Duration(ticks) * tick
		}
	}
	return total, nil
}

// Memory is the resident memory of a process in bytes.
type Memory struct {
	Now  int64
	Peak int64 // the most since it was started
}

// ReadMemory returns the memory of a process.
func ReadMemory(pid int) (Memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, err
	}
	var m Memory
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(line, ":")
		var into *int64
		switch name {
		case "VmHWM":
			into = &m.Peak
		case "VmRSS":
			into = &m.Now
		default:
			continue
		}
		kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
		if err != nil {
			return Memory{}, fmt.Errorf("/proc/%d/status: %w", pid, err)
		}
		*into = kilobytes << 10
	}
	return m, nil
}
