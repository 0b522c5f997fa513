// Command telegraf is Telegraf with nothing in it but the opentelemetry input and
// the postgresql output: the agent, the configuration file and both plugins are
// Telegraf's own code. It runs with one argument, the configuration file, until
// SIGTERM.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/influxdata/telegraf/agent"
	"github.com/influxdata/telegraf/config"
	"github.com/influxdata/telegraf/logger"
	_ "github.com/influxdata/telegraf/plugins/inputs/opentelemetry"
	_ "github.com/influxdata/telegraf/plugins/outputs/postgresql"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "telegraf:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one argument, the configuration file; got %d", len(args))
	}
	cfg := config.NewConfig()
	if err := cfg.LoadAll(args[0]); err != nil {
		return fmt.Errorf("load %s: %w", args[0], err)
	}
	if err := logger.SetupLogging(&logger.Config{Quiet: cfg.Agent.Quiet}); err != nil {
		return fmt.Errorf("set up logging: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return agent.NewAgent(cfg).Run(ctx)
}
