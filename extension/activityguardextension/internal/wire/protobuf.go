package wire

import (
	"fmt"
	"math"
)

// Signal is the kind of records in a request.
type Signal uint8

// The signals that can be scanned.
const (
	Traces Signal = iota
	Logs
	Metrics
)

// Protobuf is a Scanner of the binary encoding.
type Protobuf struct {
	limits   Limits
	elements int
	records  int // how many of them are

	stack []message // those that are open, the outermost first
	depth int       // how many of them are values
	pos   uint64    // of the next byte
	skip  uint64    // bytes to skip

	state  state
	varint uint64
	shift  uint
	field  uint64
}

// message is one that is open.
type message struct {
	kind kind
	end  uint64 // the position after it
}

// state is what the next byte is a part of.
type state uint8

const (
	inTag state = iota
	inNumber
	inLength
)

// Wire types of protobuf. Groups (3 and 4) are not part of OTLP.
const (
	typeVarint  = 0
	typeFixed64 = 1
	typeLength  = 2
	typeFixed32 = 5
)

// maxTag is the largest tag of protobuf: 29 bits of number and 3 of type.
const maxTag = math.MaxUint32

// NewProtobuf returns a scanner for one request.
func NewProtobuf(signal Signal, limits Limits) *Protobuf {
	p := &Protobuf{limits: limits}
	p.Reset(signal)
	return p
}

// Reset makes the scanner ready for another request.
func (p *Protobuf) Reset(signal Signal) {
	root := [...]kind{Traces: tracesRequest, Logs: logsRequest, Metrics: metricsRequest}[signal]
	*p = Protobuf{limits: p.limits, stack: append(p.stack[:0], message{root, math.MaxUint64})}
}

// Elements returns how many elements were read so far.
func (p *Protobuf) Elements() int { return p.elements }

// Memory returns about how many bytes they need when they are decoded.
func (p *Protobuf) Memory() int64 {
	return int64(p.records)*recordBytes + int64(p.elements-p.records)*elementBytes
}

// Scan reads the next piece.
func (p *Protobuf) Scan(piece []byte) error {
	for i := 0; i < len(piece); {
		if p.skip > 0 {
			n := min(p.skip, uint64(len(piece)-i))
			p.skip -= n
			p.pos += n
			i += int(n)
			continue
		}
		if p.state == inTag && p.shift == 0 {
			p.leave()
		}
		b := piece[i]
		i++
		p.pos++
		if p.shift == 63 && b > 1 {
			return malformed("a number is too long", p.pos)
		}
		p.varint |= uint64(b&0x7f) << p.shift
		if b >= 0x80 {
			p.shift += 7
			continue
		}
		v := p.varint
		p.varint, p.shift = 0, 0
		if err := p.number(v); err != nil {
			return err
		}
	}
	return nil
}

// leave closes the messages that end here.
func (p *Protobuf) leave() {
	for p.stack[len(p.stack)-1].end == p.pos {
		if p.stack[len(p.stack)-1].kind == anyValue {
			p.depth--
		}
		p.stack = p.stack[:len(p.stack)-1]
	}
}

// number continues after a complete varint.
func (p *Protobuf) number(v uint64) error {
	end := p.stack[len(p.stack)-1].end
	if p.pos > end {
		return malformed("a message ends within a number", p.pos)
	}
	switch p.state {
	case inNumber:
		p.state = inTag
	case inLength:
		p.state = inTag
		if v > end-p.pos {
			return malformed("a part is longer than the whole", p.pos)
		}
		return p.enter(v)
	default:
		return p.tag(v, end)
	}
	return nil
}

func (p *Protobuf) tag(v, end uint64) error {
	if v > maxTag || v>>3 == 0 {
		return malformed("a field has no valid number", p.pos)
	}
	p.field = v >> 3
	switch v & 7 {
	case typeVarint:
		p.state = inNumber
	case typeLength:
		p.state = inLength
	case typeFixed64:
		p.skip = 8
	case typeFixed32:
		p.skip = 4
	default:
		return malformed("a field has a type that OTLP does not use", p.pos)
	}
	if p.skip > end-p.pos {
		return malformed("a message ends within a number", p.pos)
	}
	return nil
}

// enter continues after the length of a field: into a message, or past it.
func (p *Protobuf) enter(length uint64) error {
	parent := p.stack[len(p.stack)-1].kind
	is := child(parent, p.field)
	if is == skipped {
		p.skip = length
		return nil
	}
	if is != anyValue || parent == arrayValue { // the value of an attribute is one with it
		if p.elements++; p.elements > p.limits.Elements {
			return tooMany(p.limits.Elements)
		}
	}
	if is.isRecord() {
		p.records++
	}
	if is == text || is == leaf {
		p.skip = length
		return nil
	}
	if is == anyValue {
		if p.depth++; p.depth > p.limits.Depth {
			return tooDeep(p.limits.Depth)
		}
	}
	p.stack = append(p.stack, message{is, p.pos + length})
	return nil
}

func malformed(what string, at uint64) error {
	return fmt.Errorf("%w: %s, at byte %d", ErrMalformed, what, at)
}
