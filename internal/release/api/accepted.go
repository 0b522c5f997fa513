package api

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// AcceptedFile lists the incompatible changes since the last release that somebody decided on,
// a line each, as the check prints them.
const AcceptedFile = "internal/release/accepted.txt"

// Incompatible is before such a change where the check prints it.
const Incompatible = "INCOMPATIBLE"

// Accepted reads that file of the repository in a folder. A repository without it accepts no
// change.
func Accepted(root string) (lines []string, err error) {
	text, err := os.ReadFile(filepath.Join(root, AcceptedFile))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the accepted changes: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), Incompatible)) // as it is printed
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// Judge divides the incompatible changes into those that nobody accepted, and accepted lines
// that are no change, for instance because of an older release.
func (r *Report) Judge(accepted []string) (broken, stale []string) {
	for _, line := range r.Incompatible {
		if !slices.Contains(accepted, line) {
			broken = append(broken, line)
		}
	}
	for _, line := range accepted {
		if !slices.Contains(r.Incompatible, line) {
			stale = append(stale, line)
		}
	}
	return broken, stale
}
