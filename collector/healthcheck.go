package main

import (
	"context"
	"os"

	"github.com/otelactivity/activitylog/collector/internal/command"
	"github.com/otelactivity/activitylog/collector/internal/healthcheck"
)

// As for explain: the generated main does not know this command.
func init() {
	if args, ok := command.Args(os.Args[1:], "healthcheck"); ok {
		os.Exit(healthcheck.Main(context.Background(), args, os.Getenv("HEALTH_ENDPOINT"), os.Stdout, os.Stderr))
	}
}
