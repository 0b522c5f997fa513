package operate

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// Letter is a dead letter: a row that the database rejected.
type Letter struct {
	ID         activity.ID
	RecordedAt time.Time // when it became a dead letter, UTC
	Reason     string    // what the database said
	Record     string    // the row, a JSON object of its columns
}

// Conflict reports whether the letter is there because its id was in the table with
// other content. Such a letter is never put back.
func (l *Letter) Conflict() bool { return l.Reason == store.OtherContent }

// Row returns the row of a letter.
func (l *Letter) Row() (row.Row, error) {
	r, err := parseRow([]byte(l.Record))
	if err == nil {
		_, err = activity.ParseID(l.ID.String())
	}
	r.ID = l.ID // the record of a letter whose own id was taken has another
	return r, err
}

// Letters says which dead letters are meant. The zero value is all of them.
type Letters struct {
	IDs          []activity.ID
	Reason       string    // must be in the reason
	Since, Until time.Time // of recorded_at
}

func (f *Letters) has(l *Letter) bool {
	return strings.Contains(l.Reason, f.Reason) &&
		(f.Since.IsZero() || !l.RecordedAt.Before(f.Since)) && (f.Until.IsZero() || l.RecordedAt.Before(f.Until))
}

// letterPart is how many dead letters are read, or put back, at once.
const letterPart = 200

// Letters yields dead letters in the order of their ids, which is that of time.
func (t *Table) Letters(ctx context.Context, f Letters) iter.Seq2[Letter, error] {
	return func(yield func(Letter, error) bool) {
		for part, err := range t.parts(ctx, f) {
			if err != nil {
				yield(Letter{}, err)
				return
			}
			for i := range part {
				if !yield(part[i], nil) {
					return
				}
			}
		}
	}
}

// parts yields dead letters, some at once. Those of a part may be deleted before the
// next one is read.
func (t *Table) parts(ctx context.Context, f Letters) iter.Seq2[[]Letter, error] {
	return func(yield func([]Letter, error) bool) {
		if len(f.IDs) > 0 {
			for ids := range slices.Chunk(f.IDs, letterPart) {
				query, args := t.dialect.LettersOf(t.Name(), ids)
				part, err := t.readLetters(ctx, query, args)
				if !yield(chosen(part, f), err) || err != nil {
					return
				}
			}
			return
		}
		var last activity.ID
		for {
			query, args := t.dialect.Letters(t.Name(), last, letterPart)
			part, err := t.readLetters(ctx, query, args)
			if err != nil || len(part) == 0 {
				if err != nil {
					yield(nil, err)
				}
				return
			}
			last = part[len(part)-1].ID
			if !yield(chosen(part, f), nil) {
				return
			}
		}
	}
}

func chosen(part []Letter, f Letters) (kept []Letter) {
	for i := range part {
		if f.has(&part[i]) {
			kept = append(kept, part[i])
		}
	}
	return kept
}

func (t *Table) readLetters(ctx context.Context, query string, args []any) (all []Letter, err error) {
	err = t.query(ctx, query, args, 4, func(values []any) error {
		id, err := uuid.Parse(textOf(values[0])) // of any version: others may write there, too
		if err != nil {
			return fmt.Errorf("the dead letter %.64q has no valid id: %w", textOf(values[0]), err)
		}
		all = append(all, Letter{activity.ID(id), timeOf(values[1]), textOf(values[2]), textOf(values[3])})
		return nil
	})
	slices.SortFunc(all, func(a, b Letter) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return all, t.explain("read dead letters of "+t.Name(), err)
}

// Reason is how many dead letters have a reason.
type Reason struct {
	Reason  string `json:"reason"`
	Letters int    `json:"dead_letters"`
}

// Reasons counts dead letters by reason, the most common first.
func (t *Table) Reasons(ctx context.Context) (all []Reason, err error) {
	err = t.query(ctx, dialect.CountReasons(t.Name()), nil, 2, func(values []any) error {
		n, err := strconv.Atoi(textOf(values[1]))
		all = append(all, Reason{textOf(values[0]), n})
		return err
	})
	slices.SortFunc(all, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), strings.Compare(a.Reason, b.Reason))
	})
	return all, t.explain("count dead letters of "+t.Name(), err)
}

// Present returns the row that has the id of a letter, as a JSON object, or "".
func (t *Table) Present(ctx context.Context, id activity.ID) (string, error) {
	there, err := t.rows(ctx, []activity.ID{id})
	if err != nil || there[id] == nil {
		return "", err
	}
	return there[id].JSON(), nil
}

// Drop deletes dead letters and returns how many.
func (t *Table) Drop(ctx context.Context, f Letters) (n int, err error) {
	if err := t.checkDeletes(ctx); err != nil {
		return 0, err
	}
	for part, err := range t.parts(ctx, f) {
		if err != nil {
			return n, err
		}
		if len(part) == 0 {
			continue
		}
		if err := t.dropLetters(ctx, part); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

func (t *Table) dropLetters(ctx context.Context, letters []Letter) error {
	query, args := t.dialect.DropLetters(t.Name(), idsOf(letters))
	return t.explain("delete dead letters of "+t.Name(), t.store.Exec(ctx, query, args...))
}

func idsOf(letters []Letter) (ids []activity.ID) {
	for i := range letters {
		ids = append(ids, letters[i].ID)
	}
	return ids
}
