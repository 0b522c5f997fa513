// Package git runs Git.
package git

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
)

// Run runs git in a folder and returns what it prints, without white space around it.
func Run(dir string, args ...string) (string, error) { return RunWith(dir, "", args...) }

// RunWith is Run with an input.
func RunWith(dir, input string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, strings.NewReader(input), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(stdout.String()), nil
}
