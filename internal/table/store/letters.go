package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

const (
	// letterBytes is how many bytes of dead letters go into one statement. Every
	// database accepts that with its default settings.
	letterBytes = 1 << 20
	// letterRows is how many dead letters go into one transaction if each needs a
	// statement.
	letterRows = 1000
)

// errSome rolls back a transaction in which only some of the letters were new.
var errSome = errors.New("some of the dead letters exist already")

// letter is a row on its way to the dead letter table.
type letter struct {
	dialect.Letter
	row *row.Row
}

func (s *Store) letter(r *row.Row, reason string) letter {
	return letter{dialect.Letter{ID: r.ID, Time: s.cfg.Dialect.Args(nil, r)[1], Reason: reason, Record: r.JSON()}, r}
}

// deadLetter writes rejected rows to the dead letter table and reports those that
// are new there.
func (s *Store) deadLetter(ctx context.Context, rejected []Rejection) error {
	letters := make([]letter, len(rejected))
	for i, r := range rejected {
		letters[i] = s.letter(r.Row, r.Err.Error())
	}
	fresh, err := s.writeLetters(ctx, letters)
	if err != nil {
		return err
	}
	var added []Rejection
	for i, r := range rejected {
		if fresh[i] || s.uncounted() {
			added = append(added, r)
		}
	}
	if len(added) > 0 {
		s.observer.DeadLettered(ctx, added)
	}
	return nil
}

// writeLetters writes dead letters, many at once, and returns which of them are new.
func (s *Store) writeLetters(ctx context.Context, letters []letter) (fresh []bool, err error) {
	fresh = make([]bool, 0, len(letters))
	for len(letters) > 0 {
		part := letters[:s.letterChunk(letters)]
		letters = letters[len(part):]
		n, err := s.writeLettersAtOnce(ctx, part)
		switch {
		case err == nil && (n == len(part) || n == 0 || s.uncounted()):
			for range part {
				fresh = append(fresh, n > 0)
			}
		case err == nil || s.aboutRow(err) || errors.Is(err, errSome):
			for i := range part {
				is, err := s.writeLetter(ctx, part[i])
				if err != nil {
					return nil, err
				}
				fresh = append(fresh, is)
			}
		default:
			return nil, fmt.Errorf("write %d rejected rows to %s: %w; the first was rejected with: %s",
				len(part), dialect.DeadLetterTable(s.cfg.Table), err, part[0].Reason)
		}
		if err := s.writeConflictingLetters(ctx, part, fresh[len(fresh)-len(part):]); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// letterChunk returns how many of the letters go into one transaction.
func (s *Store) letterChunk(letters []letter) int {
	most := letterRows
	if many, ok := s.cfg.Dialect.(dialect.Letters); ok {
		most = many.MaxLetters()
	}
	size := 0
	for i := range letters {
		size += len(letters[i].Record) + len(letters[i].Reason)
		if i > 0 && (i >= most || size > letterBytes) {
			return i
		}
	}
	return len(letters)
}

// writeLettersAtOnce writes letters in one transaction and returns how many were
// new. If only some were, nothing is written and the error is errSome.
func (s *Store) writeLettersAtOnce(ctx context.Context, letters []letter) (n int, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	err = s.within(ctx, func(_ *sql.Conn, tx *sql.Tx) error {
		if n, err = s.insertLetters(ctx, tx, letters); err != nil {
			return err
		}
		if n > 0 && n < len(letters) && !s.uncounted() {
			return errSome // the caller finds out which ones
		}
		return nil
	})
	return n, err
}

func (s *Store) insertLetters(ctx context.Context, tx *sql.Tx, letters []letter) (n int, err error) {
	if many, ok := s.cfg.Dialect.(dialect.Letters); ok {
		plain := make([]dialect.Letter, len(letters))
		for i := range letters {
			plain[i] = letters[i].Letter
		}
		query, args := many.DeadLetters(s.cfg.Table, plain)
		return affected(tx.ExecContext(ctx, query, args...))
	}
	statement, err := tx.PrepareContext(ctx, s.cfg.Dialect.DeadLetter(s.cfg.Table))
	if err != nil {
		return 0, err
	}
	defer func() { _ = statement.Close() }()
	for i := range letters {
		one, err := affected(statement.ExecContext(ctx, s.letterArgs(letters[i])...))
		if err != nil {
			return 0, err
		}
		n += one
	}
	return n, nil
}

func (s *Store) letterArgs(l letter) []any {
	args := []any{l.ID.String(), l.Time, l.Reason, l.Record}
	if converter, ok := s.cfg.Dialect.(dialect.DeadLetterConverter); ok {
		args = converter.DeadLetterArgs(args)
	}
	return args
}

// writeLetter writes one letter and reports whether it is new. If the database
// rejects it too, it is larger than the database accepts at all, and is shortened:
// otherwise it would block the queue for ever.
func (s *Store) writeLetter(ctx context.Context, l letter) (fresh bool, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	n, err := s.exec(ctx, s.cfg.Dialect.DeadLetter(s.cfg.Table), s.letterArgs(l)...)
	if err != nil && s.aboutRow(err) {
		l.Record = shortened(l.row).JSON()
		l.Reason = fmt.Sprintf("%s; shortened, because it was rejected here as well: %v", l.Reason, err)
		n, err = s.exec(ctx, s.cfg.Dialect.DeadLetter(s.cfg.Table), s.letterArgs(l)...)
	}
	if err != nil {
		return false, fmt.Errorf("write the rejected row %s to %s: %w; it was rejected with: %s",
			l.ID, dialect.DeadLetterTable(s.cfg.Table), err, l.Reason)
	}
	return n > 0, nil
}

// writeConflictingLetters writes each letter whose id exists in the dead letter table
// with other content, under an id made from its content. Otherwise a sender could
// suppress the dead letter of another by using its id first.
func (s *Store) writeConflictingLetters(ctx context.Context, letters []letter, fresh []bool) error {
	reader, ok := s.cfg.Dialect.(dialect.Reader)
	if !ok || s.noRead.Load() {
		return nil
	}
	var ids []activity.ID
	for i := range letters {
		if !fresh[i] {
			ids = append(ids, letters[i].ID)
		}
	}
	there, err := s.read(ctx, reader, dialect.DeadLetterTable(s.cfg.Table), []string{"record"}, ids)
	if err != nil || there == nil {
		return err
	}
	for i, l := range letters {
		if fresh[i] || there[l.ID] == nil || there[l.ID][0] == l.Record || there[l.ID][0] == shortened(l.row).JSON() {
			continue
		}
		l.ID = activity.HashID(l.ID.Time(), []byte(l.Record))
		if fresh[i], err = s.writeLetter(ctx, l); err != nil {
			return err
		}
	}
	return nil
}
