package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// place says where the table is that an operator looks after.
func (a *app) place() (operate.Config, error) {
	s, err := a.dataSource()
	return operate.Config{Driver: s.driver, DSN: s.dsn, Table: s.table, Note: func(text string) {
		a.note("%s\n", a.clean(escape.Line(text)))
	}}, err
}

// openTable opens the table for an operator's work.
func (a *app) openTable(ctx context.Context, cfg operate.Config) (*operate.Table, error) {
	t, err := operate.Open(ctx, cfg)
	if errors.Is(err, operate.ErrOption) { // nothing is wrong with the database
		if !slices.Contains(drivers.Drivers(), a.source.kind()) {
			err = fmt.Errorf("%w%s", err, a.source.driverHint())
		}
		return nil, operated(err)
	}
	if err != nil {
		hint := ""
		switch {
		case errors.Is(err, operate.ErrDatabase):
			hint = a.source.hint()
		case errors.Is(err, operate.ErrConfig):
			hint = a.source.driverHint()
		}
		return nil, operated(fmt.Errorf("open the database of %s: %w%s", a.source.origin, err, hint))
	}
	return t, nil
}

// withTable calls do with the table of the flags and the environment.
func (a *app) withTable(ctx context.Context, do func(*operate.Table) error) error {
	cfg, err := a.place()
	if err != nil {
		return err
	}
	t, err := a.openTable(ctx, cfg)
	if err != nil {
		return err
	}
	return operated(errors.Join(do(t), t.Close()))
}

// operated gives an error of package operate its exit code.
func operated(err error) error {
	switch {
	case errors.Is(err, operate.ErrConfig):
		return usage(err)
	case errors.Is(err, operate.ErrDatabase):
		return withCode(exitDatabase, err)
	}
	return err
}

// say prints for whoever reads the output, note for people. What cannot be printed is lost.
func (a *app) say(format string, args ...any)  { _, _ = fmt.Fprintf(a.out, format, args...) }
func (a *app) note(format string, args ...any) { _, _ = fmt.Fprintf(a.err, format, args...) }

// exitCode returns the exit code of an error.
func exitCode(err error) int {
	if has := new(codeError); errors.As(err, &has) {
		return has.code
	}
	return exitFailed
}

// confirm asks before something is destroyed. Without a terminal there must be --yes.
func (a *app) confirm(yes bool, what string) error {
	if yes {
		return nil
	}
	file, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return usagef("this would %s; give --yes to do it", what)
	}
	a.note("This will %s. Type \"yes\" to go on: ", what)
	answer, err := bufio.NewReader(io.LimitReader(a.in, 100)).ReadString('\n')
	if strings.TrimSpace(answer) != "yes" {
		return withCode(exitFailed, errors.Join(errors.New("nothing was changed"), ignoreEOF(err)))
	}
	return nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// json prints a value as JSON, on one line for -o jsonl.
func (a *app) json(value any) error {
	if a.flags.format == formatJSONL {
		return printLines(a.out, []any{value})
	}
	return a.printJSON(value)
}

// onlyFormats reports a format that a sub-command does not have.
func (a *app) onlyFormats(formats ...string) error {
	for _, format := range formats {
		if a.flags.format == format {
			return nil
		}
	}
	return usagef("-o must be one of %s here; got %s", strings.Join(formats, ", "), a.flags.format)
}

// parseIDs reads ids of the command line. One that is there twice counts once.
func parseIDs(args []string) (ids []activity.ID, err error) {
	for _, arg := range args {
		id, err := parseID(arg)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// count returns a number with its noun: "1 row", "2 rows".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
