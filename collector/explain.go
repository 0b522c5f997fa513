package main

import (
	"context"
	"os"

	"github.com/otelactivity/activitylog/collector/internal/explain"
)

// The generated main knows only the Collector's own commands, so that this one runs
// before it.
func init() {
	if len(os.Args) > 1 && os.Args[1] == "explain" {
		os.Exit(explain.Main(context.Background(), os.Args[2:], explain.Program{
			Factories: components, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		}))
	}
}
