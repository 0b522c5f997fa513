// Package wire counts the elements of an OTLP request without decoding it.
//
// A decoded request is far larger than its bytes. An empty log record has two bytes on
// the wire and about 250 in memory, and nested values need stack for each level. A
// Scanner reads the bytes as they arrive and stops at the first one that exceeds a
// limit. It keeps no copy, and takes the same time for each byte.
package wire

import (
	"errors"
	"fmt"
)

// Limits are the limits of one request.
type Limits struct {
	// Depth is how deep values may be nested: lists in lists, maps in maps.
	Depth int

	// Elements is the most parts of a request: resources, scopes, records, spans,
	// events, links, attributes, members of lists and maps.
	Elements int
}

// Scanner reads one request in pieces of any size.
type Scanner interface {
	// Scan reads the next piece. After an error it must not be called again.
	Scan(piece []byte) error

	// Elements returns how many elements were read so far.
	Elements() int

	// Memory returns about how many bytes they need when they are decoded,
	// without the texts in them.
	Memory() int64
}

// About how many bytes of memory pdata needs for an element, with what holds it.
const (
	recordBytes  = 400 // a log record, a span, a data point
	elementBytes = 120 // any other
	jsonBytes    = 200 // an element of JSON, which may be either
)

var (
	// ErrDepth means that values are nested too deep.
	ErrDepth = errors.New("values are nested too deep")

	// ErrElements means that there are too many elements.
	ErrElements = errors.New("too many elements")

	// ErrMalformed means that the bytes are not OTLP.
	ErrMalformed = errors.New("malformed request")
)

func tooDeep(limit int) error {
	return fmt.Errorf("%w: at most %d levels are allowed", ErrDepth, limit)
}

func tooMany(limit int) error {
	return fmt.Errorf("%w: at most %d resources, records, attributes and list members are allowed in one request; send smaller batches", ErrElements, limit)
}
