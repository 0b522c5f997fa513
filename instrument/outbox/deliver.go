package outbox

import (
	"context"
	"errors"
)

// Reasons of a failure.
const (
	unreadable = "unreadable" // it cannot be decoded
	refused    = "refused"    // the exporter failed with it, and not with a later one
)

// failure is a row that failed because of itself.
type failure struct {
	row
	reason string
	err    error
}

const (
	// wholeTries is how many attempts send a batch only as it is: most failures are the
	// collector's or the network's, and end by themselves.
	wholeTries = 2
	// mostTries is how often parts of a batch are sent after the last one that was
	// accepted. Halving 256 rows down to a bad one takes nine.
	mostTries = 12
	// exhaustive says which of the attempts in a row goes on to the end, for a batch that
	// begins with many bad rows.
	exhaustive = 10
)

// deliver sends rows, in parts if the exporter goes on to fail with all of them at once.
// What an error means is not known, since each exporter has its own. So a row is refused
// only if it fails twice and a later one is then accepted: else the cause may be the
// collector or the network.
func (r *Relay) deliver(ctx context.Context, rows []row) (sent []row, bad []failure, err error) {
	if len(rows) == 0 {
		return nil, nil, nil
	}
	most := mostTries
	if r.failures%exhaustive == exhaustive-1 {
		most = 2 * len(rows)
	}
	var suspects []failure // failed alone since the last part that was accepted
	parts := [][]row{rows}
	for tries := 0; len(parts) > 0; {
		part := parts[len(parts)-1]
		parts = parts[:len(parts)-1]
		failed := r.export(ctx, part)
		if failed != nil && len(part) == 1 && len(rows) > 1 && ctx.Err() == nil {
			failed = r.export(ctx, part)
		}
		if failed == nil {
			sent = append(sent, part...)
			bad = append(bad, suspects...)
			suspects, err, tries = nil, nil, 0
			continue
		}
		err = failed
		if tries++; r.failures < wholeTries || tries >= most || ctx.Err() != nil || errors.Is(failed, context.DeadlineExceeded) {
			break
		}
		if len(part) == 1 {
			suspects = append(suspects, failure{part[0], refused, failed})
			continue
		}
		half := len(part) / 2
		parts = append(parts, part[half:], part[:half])
	}
	return sent, bad, err
}
