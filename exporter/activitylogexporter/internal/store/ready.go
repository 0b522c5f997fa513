package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Ready returns nil when the database answers and the schema is there, as far as
// the store makes it.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	if err := s.on(ctx, func(conn *sql.Conn) error { return conn.PingContext(ctx) }); err != nil {
		return fmt.Errorf("connect to database: %w", withoutDSN(err, s.cfg.DSN))
	}
	return nil
}
