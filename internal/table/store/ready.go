package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Ready returns nil if the database answers and [Store.Prepare] has succeeded.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	if err := s.on(ctx, func(conn *sql.Conn) error { return conn.PingContext(ctx) }); err != nil {
		return fmt.Errorf("connect to database: %w", s.withoutDSN(err))
	}
	return nil
}
