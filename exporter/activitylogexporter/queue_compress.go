package activitylogexporter

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// compressingClient compresses what the queue keeps on disk. File storage writes
// a value again whenever one beside it changes, the queue's small record of its
// ends among them, three times a request: activities shrink to a tenth, and with
// them what is written, synced, and left to the garbage collector.
type compressingClient struct{ storage.Client }

const (
	// compressed begins a compressed value. No protobuf message, which is what
	// the queue writes, begins with a zero.
	compressed = "\x00s2\x00"
	// worthwhile is the size from which values are compressed.
	worthwhile = 1 << 10
)

// scratch has room for a value that does not shrink.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

func compress(value []byte) []byte {
	if len(value) < worthwhile || bytes.HasPrefix(value, []byte(compressed)) {
		return value // small, or of an operation that is tried again
	}
	room := scratch.Get().(*[]byte)
	defer scratch.Put(room)
	*room = slices.Grow((*room)[:0], s2.MaxEncodedLen(len(value)))
	return append([]byte(compressed), s2.Encode((*room)[:cap(*room)], value)...)
}

func decompress(value []byte) ([]byte, error) {
	if len(value) < len(compressed) || string(value[:len(compressed)]) != compressed {
		return value, nil
	}
	out, err := s2.Decode(nil, value[len(compressed):])
	if err != nil {
		return nil, fmt.Errorf("decompress queued request: %w", err)
	}
	return out, nil
}

// Get implements [storage.Client].
func (c compressingClient) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := c.Client.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	return decompress(value)
}

// Set implements [storage.Client].
func (c compressingClient) Set(ctx context.Context, key string, value []byte) error {
	return c.Client.Set(ctx, key, compress(value))
}

// Batch implements [storage.Client].
func (c compressingClient) Batch(ctx context.Context, ops ...*storage.Operation) error {
	for _, op := range ops {
		if op.Type == storage.Set {
			op.Value = compress(op.Value)
		}
	}
	if err := c.Client.Batch(ctx, ops...); err != nil {
		return err
	}
	for _, op := range ops {
		if op.Type != storage.Get {
			continue
		}
		value, err := decompress(op.Value)
		if err != nil {
			return err
		}
		op.Value = value
	}
	return nil
}
