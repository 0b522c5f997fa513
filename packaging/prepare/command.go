package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// manual compresses the manual pages, as Debian's policy wants them.
func manual(from, to string) error {
	pages, err := filepath.Glob(filepath.Join(from, "*.1"))
	if err != nil {
		return fmt.Errorf("find the manual pages in %s: %w", from, err)
	}
	if len(pages) == 0 {
		return fmt.Errorf("there are no manual pages in %s", from)
	}
	for _, page := range pages {
		if err := compressed(page, filepath.Join(to, filepath.Base(page)+".gz")); err != nil {
			return err
		}
	}
	return nil
}

// compressed writes a compressed copy of a file, without its name and time.
func compressed(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("read what is to be compressed: %w", err)
	}
	var small bytes.Buffer
	out, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("compress %s: %w", from, err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", from, err)
	}
	return write(to, small.Bytes())
}

// files are where the shells look for a completion of activitylog.
var files = map[string]string{
	"bash":       "activitylog",
	"zsh":        "_activitylog",
	"fish":       "activitylog.fish",
	"powershell": "activitylog.ps1",
}

// completions writes what the command prints for each shell to a folder of that shell. The
// command is built for this machine first.
func completions(ctx context.Context, source, to string) error {
	dir, err := os.MkdirTemp("", "activitylog-prepare-")
	if err != nil {
		return fmt.Errorf("make a folder for the command: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder of temporary files
	program := filepath.Join(dir, "activitylog")
	// As in .goreleaser.yaml, so that the go command compiles everything once.
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, ".")
	build.Dir = source
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the command for its completions: %w: %s", err, out)
	}
	for shell, file := range files {
		text, err := exec.CommandContext(ctx, program, "completion", shell).Output()
		if err != nil {
			return fmt.Errorf("print the completion for %s: %w", shell, err)
		}
		if err := write(filepath.Join(to, shell, file), text); err != nil {
			return err
		}
	}
	return nil
}
