package main

import (
	"context"
	"os"

	"github.com/otelactivity/activitylog/collector/internal/command"
	"github.com/otelactivity/activitylog/collector/internal/explain"
)

// The generated main knows only the Collector's own commands, so that this one runs
// before it.
func init() {
	if args, ok := command.Args(os.Args[1:], "explain"); ok {
		os.Exit(explain.Main(context.Background(), args, explain.Program{
			Factories: components, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		}))
	}
}
