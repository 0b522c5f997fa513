package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Signal says whether a request holds log records or spans.
type Signal byte

// Signals. The numbers are on disk.
const (
	Logs   Signal = 1
	Traces Signal = 2
)

// String returns the value of the attribute signal in metrics.
func (s Signal) String() string {
	if s == Traces {
		return "traces"
	}
	return "logs"
}

// A request on disk begins with this header:
//
//	0  format    1
//	1  signal    1 logs, 2 traces; 0x80 is added when the body is compressed (s2)
//	2  records   uint32, little endian
//	6  key       uint64: identifies the request within a process, see cache
//
// The body is the OTLP protobuf message.
const (
	headerSize = 14
	format     = 1
	compressed = 0x80
	// minCompressed is the size from which a body is compressed.
	minCompressed = 1 << 10
	// largestBody limits the memory that a damaged header can make us allocate.
	largestBody = 1 << 30
)

// buffers holds buffers for payloads, for reuse.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// encode appends the header and the body, compressed if it is large, to buf.
func encode(buf []byte, signal Signal, records int, key uint64, body []byte) []byte {
	buf = append(buf, format, byte(signal))
	buf = binary.LittleEndian.AppendUint32(buf, uint32(records))
	buf = binary.LittleEndian.AppendUint64(buf, key)
	if len(body) < minCompressed {
		return append(buf, body...)
	}
	buf[1] |= compressed
	buf = slices.Grow(buf, s2.MaxEncodedLen(len(body)))
	n := len(s2.Encode(buf[headerSize:cap(buf)], body))
	return buf[:headerSize+n]
}

// head is a decoded header.
type head struct {
	signal     Signal
	compressed bool
	records    int
	key        uint64
	bodyBytes  int // not compressed
}

var errPayload = errors.New("not a request of this version")

func decodeHead(payload []byte) (head, error) {
	if len(payload) < headerSize || payload[0] != format {
		return head{}, errPayload
	}
	h := head{
		signal: Signal(payload[1] &^ compressed), compressed: payload[1]&compressed != 0,
		records: int(binary.LittleEndian.Uint32(payload[2:])), key: binary.LittleEndian.Uint64(payload[6:]),
		bodyBytes: len(payload) - headerSize,
	}
	if h.signal != Logs && h.signal != Traces {
		return head{}, errPayload
	}
	if h.compressed {
		n, err := s2.DecodedLen(payload[headerSize:])
		if err != nil || n > largestBody {
			return head{}, fmt.Errorf("decompress: %w", errPayload)
		}
		h.bodyBytes = n
	}
	return h, nil
}

// body returns the protobuf message of a payload.
func (h head) body(payload []byte) ([]byte, error) {
	if !h.compressed {
		return payload[headerSize:], nil
	}
	body, err := s2.Decode(nil, payload[headerSize:])
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return body, nil
}

func decodeLogs(body []byte) (plog.Logs, error) {
	ld, err := new(plog.ProtoUnmarshaler).UnmarshalLogs(body)
	if err != nil {
		return ld, fmt.Errorf("unmarshal logs: %w", err)
	}
	return ld, nil
}

func decodeTraces(body []byte) (ptrace.Traces, error) {
	td, err := new(ptrace.ProtoUnmarshaler).UnmarshalTraces(body)
	if err != nil {
		return td, fmt.Errorf("unmarshal traces: %w", err)
	}
	return td, nil
}
