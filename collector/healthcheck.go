package main

import (
	"context"
	"os"

	"github.com/otelactivity/activitylog/collector/internal/healthcheck"
)

// As for explain: the generated main does not know this command.
func init() {
	if len(os.Args) > 1 && os.Args[1] == "healthcheck" {
		os.Exit(healthcheck.Main(context.Background(), os.Args[2:], os.Getenv("HEALTH_ENDPOINT"), os.Stdout, os.Stderr))
	}
}
