package instrument

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// rpcAnswer finds the outcome of a remote procedure call, which gRPC and the streams of
// Connect answer with 200 in any case: gRPC has it in a trailer, gRPC-Web and Connect in the
// last message of the body.
type rpcAnswer struct {
	last byte // the flag of the last message; 0: there is none

	head    [5]byte // the beginning of a message: flags, and its length
	n       int     // how much of it was written
	left    int     // how much of the message is missing
	ending  bool    // the message is the last one
	payload []byte  // of the last message
}

// Flags of messages.
const (
	compressedFlag = 0x01
	connectEnd     = 0x02 // https://connectrpc.com/docs/protocol
	webTrailers    = 0x80 // gRPC-Web
)

// maxTrailers bounds how much of the last message is read.
const maxTrailers = 8 << 10

// rpcOf returns what reads the answer of a remote procedure call, nil for any other request.
func rpcOf(r *http.Request) *rpcAnswer {
	switch kind := header(r.Header, "Content-Type"); {
	case strings.HasPrefix(kind, "application/grpc-web"):
		return &rpcAnswer{last: webTrailers}
	case strings.HasPrefix(kind, "application/connect+"):
		return &rpcAnswer{last: connectEnd}
	case strings.HasPrefix(kind, "application/grpc"):
		return &rpcAnswer{}
	}
	return nil
}

// write reads a part of the body.
func (a *rpcAnswer) write(b []byte) {
	for a.last != 0 && len(b) > 0 {
		if a.left == 0 && a.n < len(a.head) {
			n := copy(a.head[a.n:], b)
			a.n, b = a.n+n, b[n:]
			if a.n < len(a.head) {
				return
			}
			a.left = int(binary.BigEndian.Uint32(a.head[1:]))
			a.ending = a.head[0]&a.last != 0
			a.payload = a.payload[:0]
		}
		n := min(a.left, len(b))
		if a.ending && len(a.payload)+n <= maxTrailers {
			a.payload = append(a.payload, b[:n]...)
		}
		a.left, b = a.left-n, b[n:]
		if a.left == 0 {
			a.n = 0
		}
	}
}

// status returns the status of the call, "" if the answer does not say it.
func (a *rpcAnswer) status(header http.Header) string {
	for _, key := range [...]string{"Grpc-Status", http.TrailerPrefix + "Grpc-Status"} {
		if code := header.Get(key); code != "" {
			return activity.RPCStatus(code)
		}
	}
	if !a.ending || a.left > 0 {
		return ""
	}
	payload := a.payload
	if a.head[0]&compressedFlag != 0 {
		payload = unzipped(payload)
	}
	if a.last == connectEnd {
		return connectStatus(payload)
	}
	for line := range strings.Lines(string(payload)) {
		if name, code, _ := strings.Cut(line, ":"); strings.EqualFold(strings.TrimSpace(name), "grpc-status") {
			return activity.RPCStatus(strings.TrimSpace(code))
		}
	}
	return ""
}

// unzipped returns what was compressed with gzip, which all implementations know, nil if it
// was not.
func unzipped(payload []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(payload))
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxTrailers))
	if err != nil {
		return nil
	}
	return plain
}

func connectStatus(payload []byte) string {
	var end struct {
		Error *struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	switch err := json.Unmarshal(payload, &end); {
	case err != nil:
		return ""
	case end.Error == nil:
		return "OK"
	}
	return activity.RPCStatus(end.Error.Code)
}
