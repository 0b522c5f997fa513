package outbox

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// mostCounted is how many rows [Outbox.Stats] counts at most.
const mostCounted = 100_000

// Stats are figures of the table.
type Stats struct {
	Waiting   int64         // rows, counted up to 100,000
	OldestAge time.Duration // age of the oldest row
	Failing   int64         // of the rows, those that failed at least once
}

// Stats returns the current figures, by the database's clock. It reads the rows that
// wait: an outbox in use has few.
func (b *Outbox) Stats(ctx context.Context, db *sql.DB) (Stats, error) {
	var s Stats
	var seconds float64
	if err := db.QueryRowContext(ctx, b.text.stats).Scan(&s.Waiting, &seconds, &s.Failing); err != nil {
		return Stats{}, fmt.Errorf("read figures of the outbox: %w", err)
	}
	s.OldestAge = time.Duration(max(seconds, 0) * float64(time.Second))
	return s, nil
}
