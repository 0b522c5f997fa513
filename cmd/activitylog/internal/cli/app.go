package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// app is what the sub-commands have in common: where to read and write, and the flags
// that all of them take.
type app struct {
	in  io.Reader
	out io.Writer
	err io.Writer // for people: errors, progress, hints
	env func(name string) string
	now func() time.Time

	flags globalFlags
	args  []string       // of the command line
	began bool           // flags and arguments were right, and the command has begun
	zone  *time.Location // of times that are shown or given

	source source // that was opened, or is to be: see [app.dataSource]
}

// globalFlags are the flags of all sub-commands.
type globalFlags struct {
	dsn, driver, config, table string

	format   string // see [app.addFormat]
	timeZone string
	utc      bool
}

func newApp(in io.Reader, out, err io.Writer, env func(string) string) *app {
	return &app{in: in, out: out, err: err, env: env, now: time.Now}
}

func (a *app) addFlags(flags *pflag.FlagSet) {
	f := &a.flags
	flags.StringVar(&f.dsn, "dsn", "", "data source name of the database; better in ACTIVITYLOG_DSN, which other users cannot see")
	flags.StringVar(&f.driver, "driver", "", "sqlite, postgres, mysql, mariadb or clickhouse, if the DSN does not show it (ACTIVITYLOG_DRIVER)")
	flags.StringVar(&f.config, "config", "", "`file` with driver, dsn and table (ACTIVITYLOG_CONFIG)")
	flags.StringVar(&f.table, "table", "", `name of the table, "activity_log" or "schema.activity_log"`)
	flags.StringVar(&f.timeZone, "time-zone", "", `show and read times in this zone, "Europe/Berlin" or "UTC"; by default the local one on a terminal, and UTC elsewhere`)
	flags.BoolVar(&f.utc, "utc", false, "the same as --time-zone UTC")
}

// prepare looks at what all sub-commands have in common, before one runs.
func (a *app) prepare(flags *pflag.FlagSet) (err error) {
	if err := checkGiven(flags); err != nil {
		return err
	}
	if a.zone, err = a.timeZone(); err != nil {
		return usage(err)
	}
	return a.checkFormat()
}

// dataSource says which database is meant.
func (a *app) dataSource() (s source, err error) {
	if a.source, err = a.findSource(); err != nil {
		return a.source, usage(err)
	}
	return a.source, nil
}

// open opens the database for reading. The error says what to do, and has an exit code.
func (a *app) open(ctx context.Context) (*reader.Reader, error) {
	s, err := a.dataSource()
	if err != nil {
		return nil, err
	}
	var options []reader.Option
	if s.table != "" {
		options = append(options, reader.WithTable(s.table))
	}
	r, err := drivers.Open(ctx, s.driver, s.dsn, options...)
	if err != nil {
		if errors.Is(err, drivers.ErrDSN) {
			return nil, usagef("open the database of %s: %w%s", s.origin, err, s.driverHint())
		}
		return nil, withCode(exitDatabase, fmt.Errorf("open the database of %s: %w%s", s.origin, err, s.hint()))
	}
	return r, nil
}
