package store

import (
	"context"
	"fmt"
	"time"
)

// Reopen gives up all connections and what is known of the schema, so that the
// next call looks at the database again, such as a SQLite file that was replaced.
func (s *Store) Reopen(ctx context.Context) error {
	s.ready.Store(false)
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	s.db.SetConnMaxLifetime(time.Nanosecond) // also those in use, when they are given back
	defer s.db.SetConnMaxLifetime(s.cfg.ConnMaxLifetime)
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return conn.Close()
}
