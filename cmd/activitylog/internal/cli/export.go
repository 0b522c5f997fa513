package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/export"
	"github.com/otelactivity/activitylog/reader"
)

// exportCommand are the flags of export.
type exportCommand struct {
	*app
	flags   *pflag.FlagSet
	filters filters

	format, output    string
	columns           []string
	spreadsheet       bool
	resume, overwrite bool
	save              time.Duration
}

func newExport(a *app) *cobra.Command {
	c := &exportCommand{app: a}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write rows to a file: CSV, JSON lines or Parquet",
		Long: `Write all rows that the flags choose, the oldest first, to a file or to standard output.
The name of the file says its format and compression: .csv, .jsonl or .parquet, and .gz
or .zst after the first two. Memory does not grow with the number of rows.

Until it is whole, the file has .part after its name. If the command is interrupted, the
same command with --resume goes on, and the file has no row twice and lacks none.
--resume begins anew if there is nothing to go on with, so a script can always give it.

CSV has values as they are. A spreadsheet takes some for formulas, and runs them: use
--spreadsheet for a file to look at in one.`,
		Example: `  activitylog export --output november.csv.gz --since 2026-11-01 --until 2026-12-01 --resume
  activitylog export --output all.parquet
  activitylog export --format jsonl --actor 42 | gzip > alice.jsonl.gz`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	c.flags = cmd.Flags()
	c.filters.add(c.flags)
	c.flags.StringVar(&c.format, "format", "", "`format`: csv, jsonl or parquet; by default what the name of the file says, or csv")
	c.flags.StringVar(&c.output, "output", "", "`file` to write; by default standard output")
	c.flags.StringSliceVar(&c.columns, "columns", nil, "`columns` to write; by default all")
	c.flags.BoolVar(&c.spreadsheet, "spreadsheet", false, "write CSV that spreadsheets show and do not run: with an apostrophe before formulas")
	c.flags.BoolVar(&c.resume, "resume", false, "go on with an export to this file that was interrupted")
	c.flags.BoolVar(&c.overwrite, "overwrite", false, "replace the file if it exists")
	c.flags.DurationVar(&c.save, "save-every", 10*time.Second, "how often to save how far it is, for --resume")
	return cmd
}

func (c *exportCommand) run(ctx context.Context) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	q, err := c.filters.query(c.app)
	if err != nil {
		return err
	}
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.output == "" {
		return c.toStandardOutput(ctx, r, q, options)
	}
	return c.toFile(ctx, r, q, options)
}

// options are what the flags and the name of the file say of the file.
func (c *exportCommand) options() (export.Options, error) {
	named, compression := export.Guess(c.output)
	o := export.Options{Format: export.Format(c.format), Compression: compression, Spreadsheet: c.spreadsheet}
	if len(c.columns) > 0 {
		o.Columns = c.columns
	}
	switch {
	case o.Format == "" && named != "":
		o.Format = named
	case o.Format == "" && c.output != "":
		return o, usagef("the name of the file must end with .csv, .jsonl or .parquet, and .gz or .zst after that, or --format must say what it is; got %.200q", c.output)
	case o.Format == "":
		o.Format = export.CSV
	case named != "" && named != o.Format:
		return o, usagef("--format is %s, but the name of the file says %s", o.Format, named)
	}
	switch {
	case c.output == "" && (c.resume || c.overwrite):
		return o, usagef("--resume and --overwrite need --output")
	case c.resume && c.overwrite:
		return o, usagef("--resume and --overwrite cannot be used together")
	case c.save <= 0:
		return o, usagef("--save-every must be longer than 0; got %s", c.save)
	}
	o.Terminal = c.output == "" && c.terminal()
	if err := o.Check(); err != nil {
		return o, usage(err)
	}
	return o, nil
}

// toStandardOutput has nothing to go on with.
func (c *exportCommand) toStandardOutput(ctx context.Context, r *reader.Reader, q reader.Query, o export.Options) error {
	leanMemory()
	s := export.NewStream(c.out, o)
	for row, err := range r.Scan(ctx, q, reader.OldestFirst) {
		if err == nil {
			err = s.Write(&row)
		}
		if err != nil {
			return err
		}
	}
	if err := s.Finish(); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	c.warnOfFormulas(s, o)
	return nil
}

// toFile writes a file, or goes on with it.
func (c *exportCommand) toFile(ctx context.Context, r *reader.Reader, q reader.Query, o export.Options) (err error) {
	leanMemory()
	file, err := c.begin(&q, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	p := c.startProgress(ctx, r, q, file.Rows())
	defer p.stop()
	if !file.State().Finished {
		if err := c.copy(ctx, r, q, file, p); err != nil {
			return err
		}
	}
	if err := file.Finish(); err != nil {
		return err
	}
	p.stop()
	c.hint(p.summary(file.Rows()) + " to " + c.output)
	c.warnOfFormulas(file.Stream, o)
	return nil
}

// begin opens the file. If it goes on with one, the query gets the times that were meant
// when that was begun.
func (c *exportCommand) begin(q *reader.Query, o export.Options) (*export.File, error) {
	over := export.Nothing
	if c.overwrite {
		over = export.Everything
	}
	if c.resume {
		over = export.Interrupted // before anything was saved
		file, err := export.Resume(c.output, o, c.given())
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, export.ErrOther):
			return nil, usagef("%w; use the flags that it was begun with, or --overwrite to begin anew", err)
		case err != nil:
			return nil, hinted(err)
		default:
			return file, restoreTimes(q, file.State().Given)
		}
	}
	file, err := export.Create(c.output, o, c.given(), savedTimes(*q), over)
	if err != nil {
		return nil, hinted(err)
	}
	return file, nil
}

// hinted adds to an error what to do.
func hinted(err error) error {
	switch {
	case errors.Is(err, export.ErrExists):
		return fmt.Errorf("%w; name another file, or use --overwrite", err)
	case errors.Is(err, export.ErrInterrupted):
		return fmt.Errorf("%w; use --resume to go on, or --overwrite to begin anew", err)
	}
	return err
}

// given are the filters as they were given, and the table.
func (c *exportCommand) given() map[string]string {
	var own filters
	names := pflag.NewFlagSet("", pflag.ContinueOnError)
	own.add(names)
	all := map[string]string{}
	if c.source.table != "" {
		all["table"] = c.source.table
	}
	c.flags.Visit(func(f *pflag.Flag) {
		if names.Lookup(f.Name) != nil {
			all[f.Name] = f.Value.String()
		}
	})
	return all
}

// savedTimes are the times of a query, for the state.
func savedTimes(q reader.Query) map[string]string {
	times := map[string]string{}
	for name, at := range map[string]time.Time{"from": q.From, "to": q.To} {
		if !at.IsZero() {
			times[name] = at.Format(time.RFC3339Nano)
		}
	}
	return times
}

func restoreTimes(q *reader.Query, times map[string]string) (err error) {
	for name, at := range map[string]*time.Time{"from": &q.From, "to": &q.To} {
		if text := times[name]; text != "" {
			if *at, err = time.Parse(time.RFC3339Nano, text); err != nil {
				return fmt.Errorf("read the times of the export: %w", err)
			}
		}
	}
	return nil
}

// copy writes the rows that the file lacks. If it fails, what was written is saved.
func (c *exportCommand) copy(ctx context.Context, r *reader.Reader, q reader.Query, file *export.File, p *progress) error {
	at, saved := file.State().Cursor, time.Now()
	n := 0
	for row, err := range r.ScanAfter(ctx, q, reader.OldestFirst, at) {
		if err != nil {
			return c.interrupted(err, file, at)
		}
		if err := file.Write(&row); err != nil {
			return c.interrupted(err, file, file.State().Cursor)
		}
		at = row.Cursor(reader.OldestFirst)
		if n++; n%256 != 0 {
			continue
		}
		p.rows.Store(file.Rows())
		if time.Since(saved) > c.save {
			if err := file.Save(at); err != nil {
				return c.interrupted(err, file, file.State().Cursor)
			}
			saved = time.Now()
		}
	}
	return nil
}

// interrupted saves what was written, up to the row of a cursor, and says how to go on.
// Where writing itself failed, what was saved before stays.
func (c *exportCommand) interrupted(cause error, file *export.File, at reader.Cursor) error {
	if at != "" && at != file.State().Cursor {
		if err := file.Save(at); err != nil {
			return errors.Join(cause, err)
		}
	}
	if file.State().Cursor != "" {
		c.hint(fmt.Sprintf("%d rows are in %s.part; the same command with --resume goes on", file.State().Rows, c.output))
	}
	return cause
}

// warnOfFormulas says so if a spreadsheet would take values for formulas.
func (c *exportCommand) warnOfFormulas(s *export.Stream, o export.Options) {
	if n := s.Formulas(); n > 0 && !o.Spreadsheet {
		c.hint(fmt.Sprintf("%d values begin with =, +, - or @, which a spreadsheet takes for formulas; use --spreadsheet for a file to open in one", n))
	}
}
