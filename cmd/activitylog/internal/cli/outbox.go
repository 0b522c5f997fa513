package cli

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/instrument/setup"
)

// newOutbox makes the commands for the outbox of a service: a table in the service's own
// database, from which a relay sends.
func newOutbox(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "Send the activities that a service has written in its own transactions",
		Long: `Work with the outbox of a service, which package instrument/outbox writes.

The DSN is that of the service's database. It may be PostgreSQL, MySQL, MariaDB or SQLite.`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	o := &outboxCommand{app: a}
	cmd.PersistentFlags().StringVar(&o.table, "outbox", outbox.DefaultTable, "`name` of the table, with its schema if it has one")
	cmd.AddCommand(o.relayCommand(), o.statusCommand(), o.schemaCommand())
	return cmd
}

type outboxCommand struct {
	*app
	table string

	once, order       bool
	batch             int
	interval, timeout time.Duration
	listen            string
}

func (o *outboxCommand) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the statement that creates the table",
		Args:  takes(),
		RunE: func(*cobra.Command, []string) error {
			s, err := o.dataSource()
			if err != nil {
				return err
			}
			dialect, err := outboxDialect(s)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(o.out, outbox.New(dialect, outbox.WithTable(o.table)).Schema())
			return err
		},
	}
}

func (o *outboxCommand) statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say how many activities wait, since when, and how many have failed",
		Args:  takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, db, stats, err := o.openOutbox(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			return o.printStats(stats)
		},
	}
	o.addFormat(cmd.Flags())
	return cmd
}

// printStats prints the figures of the table.
func (o *outboxCommand) printStats(stats outbox.Stats) error {
	switch o.flags.format {
	case formatJSON, formatJSONL:
		return json.NewEncoder(o.out).Encode(struct {
			Waiting   int64   `json:"waiting"`
			OldestAge float64 `json:"oldest_age_seconds"`
			Failing   int64   `json:"failing"`
		}{stats.Waiting, stats.OldestAge.Seconds(), stats.Failing})
	case formatCSV:
		_, err := fmt.Fprintf(o.out, "waiting,oldest_age_seconds,failing\n%d,%g,%d\n", stats.Waiting, stats.OldestAge.Seconds(), stats.Failing)
		return err
	}
	_, err := fmt.Fprintf(o.out, "waiting     %d\noldest age  %v\nfailing     %d\n", stats.Waiting, stats.OldestAge.Round(time.Second), stats.Failing)
	return err
}

func (o *outboxCommand) relayCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "relay",
		Short: "Send what is in the table to the collector, and delete what it has",
		Long: `Send what is in the table to the collector by OTLP, and delete what it has acknowledged.

The OTEL_* variables say where the collector is, as for a service; the default is
http://localhost:4318. Several relays may run, beside those in the service.`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.relay(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.once, "once", false, "send what is there, and end")
	flags.BoolVar(&o.order, "order", false, "send in the order in which activities were recorded; then one relay at a time sends")
	flags.IntVar(&o.batch, "batch", outbox.DefaultBatch, "`number` of activities in one request, at most")
	flags.DurationVar(&o.interval, "interval", outbox.DefaultInterval, "how often to look at the table")
	flags.DurationVar(&o.timeout, "timeout", outbox.DefaultTimeout, "how long one request may take")
	flags.StringVar(&o.listen, "listen", "", "`channel` of PostgreSQL that outbox.WithNotify notifies, to send at once")
	return cmd
}

// relay runs a relay until ctx ends, or until nothing is due with --once.
func (o *outboxCommand) relay(ctx context.Context) (err error) {
	if o.batch < 1 || o.interval <= 0 || o.timeout <= 0 {
		return usagef("--batch, --interval and --timeout must be positive")
	}
	box, db, before, err := o.openOutbox(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	opts, err := o.relayOptions(ctx)
	if err != nil {
		return err
	}
	exporter, err := setup.NewLogExporter(ctx)
	if err != nil {
		return usage(err)
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.timeout)
		defer cancel()
		if failed := exporter.Shutdown(stop); failed != nil && err == nil {
			err = fmt.Errorf("shut down the exporter: %w", failed)
		}
	}()
	relay := outbox.NewRelay(box, db, exporter, opts...)
	if !o.once {
		relay.Run(ctx)
		return nil
	}
	if err := relay.Flush(ctx); err != nil {
		return fmt.Errorf("send the activities of %s: %w", o.table, err)
	}
	return o.sentOnce(ctx, box, db, before)
}

// sentOnce says what a relay with --once has left.
func (o *outboxCommand) sentOnce(ctx context.Context, box *outbox.Outbox, db *sql.DB, before outbox.Stats) error {
	after, err := box.Stats(ctx, db)
	if err != nil {
		return fmt.Errorf("look at %s: %w", o.table, err)
	}
	if after.Failing > 0 {
		return fmt.Errorf("%d activities of %s have failed and wait for the next attempt; the column error of the table says why", after.Failing, o.table)
	}
	_, err = fmt.Fprintf(o.err, "%d activities waited, %d wait now\n", before.Waiting, after.Waiting)
	return err
}

func (o *outboxCommand) relayOptions(ctx context.Context) ([]outbox.RelayOption, error) {
	opts := []outbox.RelayOption{
		outbox.WithBatch(o.batch), outbox.WithInterval(o.interval), outbox.WithTimeout(o.timeout),
		outbox.WithLogger(slog.New(slog.NewTextHandler(cleaned{o.app}, nil))),
	}
	if o.order {
		opts = append(opts, outbox.WithOrder())
	}
	if o.listen != "" {
		wait, err := listen(ctx, o.source, o.listen)
		if err != nil {
			return nil, err
		}
		opts = append(opts, outbox.WithWait(wait))
	}
	return opts, nil
}
