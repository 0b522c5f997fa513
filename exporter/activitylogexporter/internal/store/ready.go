package store

import (
	"context"
	"fmt"
)

// Ready returns nil when the database answers and the schema is there, as far as
// the store makes it.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to database: %w", withoutDSN(err, s.cfg.DSN))
	}
	return nil
}
