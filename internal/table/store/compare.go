package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// OtherContent is the reason of a dead letter whose id is in the table with other
// content: one of the two was forged, or an id was used twice. The table keeps the
// row that was written first.
const OtherContent = "id exists with other content"

// comparedNames are the names of the columns in [row.Compared].
var comparedNames = func() (names []string) {
	for _, column := range row.Compared {
		names = append(names, row.Names[column])
	}
	return names
}()

// conflicting returns the rows whose id is in the table with other content. It is
// called when some of the rows existed already.
func (s *Store) conflicting(ctx context.Context, rows []row.Row) (conflicts []*row.Row, err error) {
	reader, ok := s.cfg.Dialect.(dialect.Reader)
	if !ok || s.noRead.Load() {
		return nil, nil
	}
	ids := make([]activity.ID, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	there, err := s.read(ctx, reader, s.cfg.Table, comparedNames, ids)
	if err != nil {
		return nil, fmt.Errorf("compare %d rows with those in %s: %w", len(rows), s.cfg.Table, err)
	}
	for i := range rows {
		texts := there[rows[i].ID]
		if texts == nil {
			continue
		}
		var stored row.Row
		for j, column := range row.Compared {
			stored.Text[column] = texts[j]
		}
		if !row.Same(&stored, &rows[i]) {
			conflicts = append(conflicts, &rows[i])
		}
	}
	return conflicts, nil
}

// deadLetterConflicts writes rows to the dead letter table whose id exists with
// other content.
func (s *Store) deadLetterConflicts(ctx context.Context, conflicts []*row.Row) error {
	if len(conflicts) == 0 {
		return nil
	}
	letters := make([]letter, len(conflicts))
	for i, r := range conflicts {
		letters[i] = s.letter(r, OtherContent)
	}
	if _, err := s.writeLetters(ctx, letters); err != nil {
		return err
	}
	s.observer.Conflicting(ctx, conflicts)
	return nil
}

// unique splits rows, which are sorted by id: rest has the first row of each id,
// conflicts the later ones with other content, again is the number of later ones
// with the same content.
func unique(rows []row.Row) (rest []row.Row, conflicts []*row.Row, again int) {
	first := 1
	for first < len(rows) && rows[first].ID != rows[first-1].ID {
		first++
	}
	if first >= len(rows) {
		return rows, nil, 0
	}
	rest = append(make([]row.Row, 0, len(rows)), rows[:first]...)
	for i := first; i < len(rows); i++ {
		if rows[i].ID != rest[len(rest)-1].ID {
			rest = append(rest, rows[i])
			continue
		}
		if row.Same(&rest[len(rest)-1], &rows[i]) {
			again++
			continue
		}
		conflicts = append(conflicts, &rows[i])
	}
	return rest, conflicts, again
}

// read reads columns of the rows with these ids, as text. It returns nil if the
// account may not read: that is logged once, and rows are not compared any more.
func (s *Store) read(ctx context.Context, reader dialect.Reader, table string, columns []string, ids []activity.ID) (map[activity.ID][]string, error) {
	there := make(map[activity.ID][]string, len(ids))
	for part := range slices.Chunk(ids, reader.MaxRead()) {
		err := s.readPart(ctx, reader, table, columns, part, there)
		if err == nil {
			continue
		}
		if s.cfg.Dialect.Classify(err).Kind != dialect.Denied {
			return nil, err
		}
		if !s.noRead.Swap(true) {
			s.observer.Noted(ctx, "The account may not read rows, so a row whose id exists with other content is counted as a duplicate. "+
				"docs/security.md lists the rights that the comparison needs.", err)
		}
		return nil, nil
	}
	return there, nil
}

func (s *Store) readPart(ctx context.Context, reader dialect.Reader, table string, columns []string, ids []activity.ID, there map[activity.ID][]string) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	query, args := reader.Read(table, columns, ids)
	return s.on(ctx, func(conn *sql.Conn) error {
		result, err := conn.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer func() { _ = result.Close() }()
		texts := make([]sql.NullString, 1+len(columns))
		targets := make([]any, len(texts))
		for i := range texts {
			targets[i] = &texts[i]
		}
		for result.Next() {
			if err := result.Scan(targets...); err != nil {
				return err
			}
			id, err := activity.ParseID(texts[0].String)
			if err != nil {
				continue // not one of ours
			}
			values := make([]string, len(columns))
			for i := range values {
				values[i] = texts[i+1].String
			}
			there[id] = values
		}
		return result.Err()
	})
}
