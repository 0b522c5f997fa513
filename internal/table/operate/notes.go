package operate

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

var (
	// tableName is the name of a table, which may have a schema as prefix.
	tableName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)
	clusterName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// readOnly reports whether an error means that a connection, or a server, only reads.
// The codes are SQLite's SQLITE_READONLY, PostgreSQL's 25006, MySQL's 1290, 1792 and
// 1836, and ClickHouse's READONLY.
func readOnly(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "readonly") || strings.Contains(text, "read-only") || strings.Contains(text, "read only")
}

// notes is the [store.Observer] of an operator. Most of what it is told, the callers
// count themselves. What is removed comes in small parts, and is said once in a while.
type notes struct {
	note func(string)

	mu      sync.Mutex
	removed int // since begin
	said    time.Time
}

// saidEvery is how often it is said how much was removed.
const saidEvery = time.Second

// Noted implements [store.Observer].
func (n *notes) Noted(_ context.Context, message string, err error) {
	if n.note == nil {
		return
	}
	if err != nil {
		message += fmt.Sprintf(" (%v)", err)
	}
	n.note(message)
}

// Did implements [store.Observer].
func (n *notes) Did(ctx context.Context, message string) { n.Noted(ctx, message, nil) }

// Unsupported implements [store.Observer].
func (*notes) Unsupported(context.Context, error) {}

// Wrote implements [store.Observer].
func (*notes) Wrote(context.Context, int, int, time.Duration) {}

// Accepted implements [store.Observer].
func (*notes) Accepted(context.Context, int, time.Duration) {}

// DeadLettered implements [store.Observer].
func (*notes) DeadLettered(context.Context, []store.Rejection) {}

// Conflicting implements [store.Observer].
func (*notes) Conflicting(context.Context, []*row.Row) {}

// Expired implements [store.Observer].
func (n *notes) Expired(ctx context.Context, rows int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.removed += rows
	if time.Since(n.said) >= saidEvery {
		n.said = time.Now()
		n.Noted(ctx, fmt.Sprintf("deleted %d rows and dead letters so far", n.removed), nil)
	}
}

// begin begins to count what is removed.
func (n *notes) begin() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.removed, n.said = 0, time.Now()
}

// sum says how much was removed since begin.
func (n *notes) sum(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.removed > 0 {
		n.Noted(ctx, fmt.Sprintf("deleted %d rows and dead letters", n.removed), nil)
	}
}

// Dropped implements [store.Observer].
func (n *notes) Dropped(ctx context.Context, partition string) {
	n.Noted(ctx, "dropped the partition "+partition, nil)
}
