package main

import (
	"fmt"
	"os"

	"github.com/otelactivity/activitylog/collector/internal/builtin"
)

// A release sets these two by the linker: .goreleaser.yaml. Elsewhere they are empty.
var (
	release string // the version, 0.1.0
	commit  string // the first 12 digits of the commit
)

// The generated main knows the version of builder-config.yaml alone, and no commit.
func init() {
	if line := builtin.Version(os.Args, release, commit); line != "" {
		fmt.Println(line)
		os.Exit(0)
	}
}
