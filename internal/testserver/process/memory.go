package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// PeakMemory returns the most bytes of memory that a process has had so far. It fails if the
// process has ended, and on systems other than Linux.
func PeakMemory(pid int) (int64, error) {
	file := fmt.Sprintf("/proc/%d/status", pid)
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("read the memory of a process: %w", err)
	}
	_, rest, found := strings.Cut(string(text), "VmHWM:")
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, fmt.Errorf("read the memory of a process: %s has no VmHWM", file)
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the memory of a process: %w", err)
	}
	return kilobytes << 10, nil
}
