package operate

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

const (
	// importRows and importBytes are how many rows are written at once.
	importRows  = 5000
	importBytes = 8 << 20
	// maxUnreadable is how many lines from the first on must be rows, or it is another file.
	maxUnreadable = 100
	// MaxLine is the longest line of an import, in bytes.
	MaxLine = 64 << 20
)

// Imported are how many lines had an outcome.
type Imported map[Outcome]int

// Lines is how many lines were read.
func (i Imported) Lines() (n int) {
	for _, count := range i {
		n += count
	}
	return n
}

// line is a row and where it was.
type line struct {
	number int
	row    row.Row
}

// Import writes the rows of JSON lines, as "activitylog export" writes them. A row whose
// id is in the table is not written: it is there already, or conflicts with that row.
// recorded_at is the time of the import. With dry, nothing is written. report is called
// for each line that is not a row, conflicts, or is rejected; progress after each part.
func (t *Table) Import(ctx context.Context, from io.Reader, dry bool, report func(line int, id activity.ID, outcome Outcome, why string), progress func(Imported)) (Imported, error) {
	if err := t.store.Prepare(ctx); err != nil {
		return nil, t.unusable(err)
	}
	i := &importer{t: t, dry: dry, counts: Imported{}, report: report}
	scanner := bufio.NewScanner(from)
	scanner.Buffer(make([]byte, 0, 1<<20), MaxLine)
	size := 0
	for number := 1; scanner.Scan(); number++ {
		if len(bytes.TrimSpace(scanner.Bytes())) == 0 {
			continue
		}
		r, err := parseRow(scanner.Bytes())
		if err != nil {
			i.stays(line{number, r}, Unreadable, err.Error())
			if i.counts[Unreadable] == maxUnreadable && i.counts.Lines()+len(i.part) == maxUnreadable {
				return i.counts, marked{ErrConfig, fmt.Errorf("the first %d lines are not rows: is it JSON lines, of whole rows, as \"activitylog export --format jsonl\" writes them?", maxUnreadable)}
			}
			continue
		}
		i.part, size = append(i.part, line{number, r}), size+r.Size()
		if len(i.part) >= importRows || size >= importBytes {
			if err := i.flush(ctx); err != nil {
				return i.counts, err
			}
			size = 0
			progress(i.counts)
		}
	}
	if err := scanner.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("a line is longer than %d MiB: is it JSON lines?", MaxLine>>20)
		}
		return i.counts, fmt.Errorf("read after line %d: %w", i.counts.Lines()+len(i.part), err)
	}
	return i.counts, i.flush(ctx)
}

type importer struct {
	t      *Table
	dry    bool
	counts Imported
	part   []line
	report func(int, activity.ID, Outcome, string)
}

func (i *importer) stays(l line, outcome Outcome, why string) {
	i.counts[outcome]++
	i.report(l.number, l.row.ID, outcome, why)
}

// flush writes the rows of the part.
func (i *importer) flush(ctx context.Context) error {
	rows, err := i.fresh(ctx)
	i.part = i.part[:0]
	if err != nil || len(rows) == 0 {
		return err
	}
	if i.dry {
		i.counts[Written] += len(rows)
		return nil
	}
	batch := make([]row.Row, len(rows))
	for n := range rows {
		batch[n] = rows[n].row
	}
	err = i.t.store.Write(ctx, batch)
	switch kind := i.t.dialect.Classify(err).Kind; {
	case err == nil:
		i.counts[Written] += len(rows)
		return nil
	case kind != dialect.Rejected && kind != dialect.Conflict:
		return i.t.explain("write rows to "+i.t.Name(), err)
	}
	return i.each(ctx, rows)
}

// fresh returns the rows of the part that are not in the table, each id once.
func (i *importer) fresh(ctx context.Context) (rows []line, err error) {
	var ids []activity.ID
	for _, l := range i.part {
		ids = append(ids, l.row.ID)
	}
	there, err := i.t.rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	for n := range i.part {
		l := &i.part[n]
		in := there[l.row.ID]
		if in == nil {
			there[l.row.ID] = &l.row
			rows = append(rows, *l)
			continue
		}
		if other := differences(in, &l.row); len(other) > 0 {
			i.stays(*l, Conflicting, fmt.Sprintf("the row with this id has another %v", other))
			continue
		}
		i.counts[There]++
	}
	return rows, nil
}

// each writes rows one after the other, because the database rejects some of them. Those
// that the failed try has written are in the table.
func (i *importer) each(ctx context.Context, rows []line) error {
	for _, l := range rows {
		err := i.t.insert(ctx, []row.Row{l.row}, nil)
		switch kind := i.t.dialect.Classify(err).Kind; {
		case err == nil || errors.Is(err, errLater):
			i.counts[Written]++
		case kind == dialect.Rejected || kind == dialect.Conflict:
			i.stays(l, Rejected, err.Error())
		default:
			return i.t.explain("write a row to "+i.t.Name(), err)
		}
	}
	return nil
}
