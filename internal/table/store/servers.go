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

// note notes a transaction on a server, and calls moved if it is another server than before.
// Those that were in use within recently are no others: a balancer may change between them
// all the time. Other transactions wait until moved returns. Without that, one of them could
// be over before it is known that there is another server.
func (v *servers) note(to string, now time.Time, recently time.Duration, moved func(from, to string)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	from := v.last
	at, known := v.seen[to]
	if v.seen == nil {
		v.seen = map[string]time.Time{}
	}
	v.last, v.seen[to] = to, now
	if from != "" && from != to && (!known || now.Sub(at) > recently) {
		maps.DeleteFunc(v.seen, func(_ string, at time.Time) bool { return now.Sub(at) > recently })
		moved(from, to)
	}
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
	s.servers.note(server, time.Now(), s.cfg.Recently, s.cfg.Moved)
	return nil
}
