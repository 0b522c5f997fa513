package cli

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/internal/table/operate"
)

func newImport(a *app) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Write the rows of an export in JSON lines",
		Long: strings.TrimSpace(`
Write the rows of a file that "activitylog export --format jsonl" has written. FILE is
its name, which may end in .gz or .zst, or - for the standard input.

Each row is written once: one whose id is in the table is not written again, however
often the import runs. If the row that is there has other content, it stays as it is,
the line is reported, and the exit code is 1. recorded_at is the time of the import.`),
		Example: `  activitylog import november.jsonl.zst --dry-run
  activitylog import november.jsonl.zst`,
		Args: takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := a.openImport(args[0])
			if err != nil {
				return usage(err)
			}
			defer from.Close()
			return a.withTable(cmd.Context(), func(t *operate.Table) error {
				counts, err := t.Import(cmd.Context(), from, dry, a.reportLine, a.importProgress())
				if counts == nil {
					return err
				}
				said := a.sayImported(counts, dry)
				if err != nil {
					return fmt.Errorf("import %s: %w; it is safe to run it again", args[0], err)
				}
				return said
			})
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be written")
	return cmd
}

// opened is a file, and what decompresses it.
type opened struct {
	io.Reader
	close func() error
}

// Close closes the file.
func (o opened) Close() error { return o.close() }

// maxWindow bounds the memory that a file of zstd can ask for. It is what zstd itself takes
// without --long.
const maxWindow = 128 << 20

// openImport opens a file for reading, by the end of its name.
func (a *app) openImport(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.in), nil
	}
	file, err := os.Open(name) //nolint:gosec // the user says which file
	if err != nil {
		return nil, fmt.Errorf("open the import: %w", err)
	}
	switch {
	case strings.HasSuffix(name, ".gz"):
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		return opened{unzipped, file.Close}, nil
	case strings.HasSuffix(name, ".zst"):
		unzipped, err := zstd.NewReader(file, zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		return opened{unzipped, func() error { unzipped.Close(); return file.Close() }}, nil
	}
	return file, nil
}

func (a *app) reportLine(line int, id activity.ID, outcome operate.Outcome, why string) {
	of := ""
	if id != (activity.ID{}) {
		of = " (" + id.String() + ")"
	}
	a.note("line %d%s: %s: %s\n", line, of, outcome, a.clean(escape.Line(why)))
}

// importProgress says on a terminal how far an import is.
func (a *app) importProgress() func(operate.Imported) {
	began, said := time.Now(), time.Now()
	return func(counts operate.Imported) {
		if !isTerminal(a.err) || time.Since(said) < time.Second {
			return
		}
		said = time.Now()
		lines := counts.Lines()
		a.note("%d lines, %.0f a second\n", lines, float64(lines)/time.Since(began).Seconds())
	}
}

// sayImported says what was done. The error says that lines were not imported.
func (a *app) sayImported(counts operate.Imported, dry bool) error {
	verb := "imported"
	if dry {
		verb = "would be imported"
	}
	rest := counts[operate.Conflicting] + counts[operate.Rejected] + counts[operate.Unreadable]
	a.say("%s %s, %d were there already, %d conflict, %d rejected, %d unreadable\n", count(counts[operate.Written], "row"), verb,
		counts[operate.There], counts[operate.Conflicting], counts[operate.Rejected], counts[operate.Unreadable])
	if rest > 0 {
		return fmt.Errorf("%s not imported", count(rest, "line"))
	}
	return nil
}
