// Package wire counts what is in an OTLP request without decoding it.
//
// Decoding costs far more than the bytes that were sent. An empty log record is
// two bytes on the wire and about 250 in memory, and a value within a value
// within a value needs stack for each level. A Scanner reads the bytes as they
// come and stops at the first one that goes beyond a limit. It keeps no copy of
// what it reads, and takes the same time for each byte.
package wire

import (
	"errors"
	"fmt"
)

// Limits are what a request may have.
type Limits struct {
	// Depth is how many values may stand within each other: lists in lists,
	// maps in maps.
	Depth int

	// Elements is how many parts of a request are decoded: resources, scopes,
	// records, spans, events, links, attributes, members of lists and of maps.
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
	// ErrDepth says that values stand too deep within each other.
	ErrDepth = errors.New("values are nested too deep")

	// ErrElements says that there are too many elements.
	ErrElements = errors.New("too many elements")

	// ErrMalformed says that the bytes are not what they should be.
	ErrMalformed = errors.New("malformed request")
)

func tooDeep(limit int) error {
	return fmt.Errorf("%w: at most %d levels are allowed", ErrDepth, limit)
}

func tooMany(limit int) error {
	return fmt.Errorf("%w: at most %d resources, records, attributes and list members are allowed in one request; send smaller batches", ErrElements, limit)
}
