// Package receipt lets whoever emits a log record know that it was written to disk, which the
// API of OpenTelemetry does not tell. Package instrument asks for receipts, and the spool gives
// them; their OpenTelemetry versions may differ.
package receipt

import (
	"context"
	"sync"
)

// Receipt says what became of one record. It may be used from many goroutines.
type Receipt struct {
	mu     sync.Mutex
	stored bool
	err    error
}

type receiptKey struct{}

// With returns a context for emitting one record, and its receipt.
func With(ctx context.Context) (context.Context, *Receipt) {
	r := &Receipt{}
	return context.WithValue(ctx, receiptKey{}, r), r
}

// From returns the receipt that is asked for, nil if none is.
func From(ctx context.Context) *Receipt {
	r, _ := ctx.Value(receiptKey{}).(*Receipt)
	return r
}

// Stored notes that the record survives the process. On nil it does nothing.
func (r *Receipt) Stored() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stored = true
}

// Failed notes why the record may not survive the process. On nil it does nothing.
func (r *Receipt) Failed(err error) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// Result reports whether the record was stored, and if not, why, as far as that is known.
func (r *Receipt) Result() (stored bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stored, r.err
}
