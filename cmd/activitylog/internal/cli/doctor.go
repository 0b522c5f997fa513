package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/collector"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/internal/table/operate"
)

func newDoctor(a *app) *cobra.Command {
	var f schemaFlags
	var health, metrics string
	var strict bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for everything that may be wrong, and say what to do",
		Long: strings.TrimSpace(`
Look at the database: schema, indexes, partitions, rights, clock, rows, dead letters,
counts. A test row is inserted and rolled back. With --collector, look at a collector
too.

The exit code is 1 if a line says fail, or with --strict if one says warn.`),
		Example: `  activitylog doctor
  activitylog doctor --strict --collector http://127.0.0.1:13133`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.onlyFormats(formatTable, formatJSON, formatJSONL); err != nil {
				return err
			}
			cfg, err := f.place(a)
			if err != nil {
				return err
			}
			if metrics, err = metricsOf(health, metrics); err != nil {
				return err
			}
			all, err := a.examine(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			if health != "" {
				all = append(all, collector.Check(cmd.Context(), health, metrics)...)
			}
			return a.findings(all, strict)
		},
	}
	f.add(cmd)
	a.addFormat(cmd.Flags())
	cmd.Flags().StringVar(&health, "collector", "", "`URL` of a collector's health check, such as http://127.0.0.1:13133")
	cmd.Flags().StringVar(&metrics, "collector-metrics", "", "`URL` of its metrics; by default port 8888 of the same host")
	cmd.Flags().BoolVar(&strict, "strict", false, "also fail if there are warnings")
	return cmd
}

// metricsOf checks --collector and --collector-metrics, and returns where the metrics are.
func metricsOf(health, metrics string) (string, error) {
	if health == "" {
		return "", nil
	}
	guess, err := collector.MetricsURL(health)
	if err != nil {
		return "", usagef("--collector %w", err)
	}
	if metrics == "" {
		return guess, nil
	}
	if err := collector.CheckURL(metrics); err != nil {
		return "", usagef("--collector-metrics %w", err)
	}
	return metrics, nil
}

// examine looks at the database. One that cannot be used is a finding; what is wrong with
// flags is an error.
func (a *app) examine(ctx context.Context, cfg operate.Config) ([]operate.Finding, error) {
	t, err := a.openTable(ctx, cfg)
	if err != nil {
		if has := exitCode(err); has == exitUsage {
			return nil, err
		}
		return []operate.Finding{{Level: operate.Fail, About: "database", Text: err.Error(), Todo: cfg.Advice(err)}}, nil
	}
	defer t.Close()
	reached := operate.Finding{Level: operate.OK, About: "database", Text: "it answers"}
	return append([]operate.Finding{reached}, t.Doctor(ctx)...), nil
}

// findings prints findings. The error, for the exit code, says how many are not ok; with
// strict warnings count.
func (a *app) findings(all []operate.Finding, strict bool) error {
	for i := range all {
		all[i].Text = a.clean(all[i].Text)
	}
	if err := a.printFindings(all); err != nil {
		return err
	}
	warnings, failures := 0, 0
	for _, f := range all {
		switch f.Level {
		case operate.Warn:
			warnings++
		case operate.Fail:
			failures++
		case operate.OK:
		}
	}
	if failures > 0 || strict && warnings > 0 {
		return fmt.Errorf("%s, %s", count(failures, "failure"), count(warnings, "warning"))
	}
	return nil
}

func (a *app) printFindings(all []operate.Finding) error {
	switch a.flags.format {
	case formatJSON:
		return a.printJSON(all)
	case formatJSONL:
		return printLines(a.out, all)
	}
	width := 0
	for _, f := range all {
		width = max(width, len(f.About))
	}
	for _, f := range all {
		more := "\n" + strings.Repeat(" ", width+8) // below the first line
		a.say("%s  %-*s  %s\n", a.level(f.Level), width, f.About, strings.NewReplacer("\n\t", more, "\n", more).Replace(escape.Block(f.Text)))
		if f.Todo != "" && f.Level != operate.OK {
			a.say("%*sto do: %s\n", width+8, "", escape.Line(f.Todo))
		}
	}
	return nil
}

// level returns a level of four columns, in colour on a terminal.
func (a *app) level(l operate.Level) string {
	style := map[operate.Level]ansi.Style{operate.OK: green, operate.Warn: yellow, operate.Fail: red}[l]
	return a.styled(style, fmt.Sprintf("%-4s", l))
}
