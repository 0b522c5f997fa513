package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// servers are those that rows were written to. The same address can lead to another one
// after a failover.
type servers struct {
	mu   sync.Mutex
	last string
	seen map[string]time.Time
}

// moved notes a transaction on a server, and reports whether it is another server than
// before, and which that was. Those that were in use within recently are no others: a
// balancer may change between them all the time.
func (v *servers) moved(to string, now time.Time, recently time.Duration) (from string, moved bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	from = v.last
	at, known := v.seen[to]
	moved = from != "" && from != to && (!known || now.Sub(at) > recently)
	if moved {
		maps.DeleteFunc(v.seen, func(_ string, at time.Time) bool { return now.Sub(at) > recently })
	}
	if v.seen == nil {
		v.seen = map[string]time.Time{}
	}
	v.last, v.seen[to] = to, now
	return from, moved
}

// identify asks which server a transaction is on, if anybody wants to know.
func (s *Store) identify(ctx context.Context, tx *sql.Tx) error {
	identifier, ok := s.cfg.Dialect.(dialect.Identifier)
	if s.cfg.Moved == nil || !ok {
		return nil
	}
	var server string
	if err := tx.QueryRowContext(ctx, identifier.Identify()).Scan(&server); err != nil {
		return fmt.Errorf("ask which server this is, as queue::keep needs it: %w", err)
	}
	if server == "" { // it does not accept rows
		return nil
	}
	if from, moved := s.servers.moved(server, time.Now(), s.cfg.Recently); moved {
		s.cfg.Moved(from, server)
	}
	return nil
}
