package store

import (
	"context"
	"fmt"
	"time"
)

// Reopen closes all connections and makes the next call check the schema again. It
// is for a SQLite file that was replaced.
func (s *Store) Reopen(ctx context.Context) error {
	s.ready.Store(false)
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	s.db.SetConnMaxLifetime(time.Nanosecond) // closes those in use when they are returned
	defer s.db.SetConnMaxLifetime(s.cfg.ConnMaxLifetime)
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return conn.Close()
}
