package instrument

import (
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/otelactivity/activitylog/activity"
)

// response notes the status code that a handler answers with.
type response struct {
	// code is the first final status code; 0 until there is one. It is atomic, because
	// a handler may write from another goroutine than its own.
	code atomic.Int32
	// answered, if it is set, is called once there is a code.
	answered atomic.Pointer[func()]

	rpc    *rpcAnswer  // nil unless the request is a remote procedure call
	header http.Header // of the answer

	failure string // the type of the error as an adapter says it, "" if none does
}

// note keeps the first final status code, the one that net/http sends. Of the
// informational ones only 101 (Switching Protocols) is final.
func (s *response) note(code int) {
	if code < 200 && code != http.StatusSwitchingProtocols || !s.code.CompareAndSwap(0, int32(code)) {
		return
	}
	if answered := s.answered.Load(); answered != nil {
		(*answered)()
	}
}

// ok notes the status code that writing without a WriteHeader sends.
func (s *response) ok() {
	if s.code.Load() == 0 {
		s.note(http.StatusOK)
	}
}

// status returns the status code after the handler has returned: 200 if it wrote
// nothing, 500 if it panicked before it wrote anything. The code of a hijacked
// connection is unknown and counts as 200.
func (s *response) status(panicked bool) int {
	code := int(s.code.Load())
	switch {
	case s.rpc != nil && !panicked && (code == http.StatusOK || code == 0):
		if status := s.rpc.status(s.header); status != "" {
			return activity.HTTPFromRPC(status)
		}
		return http.StatusOK
	case code != 0:
		return code
	case panicked:
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

// errorType returns the type of the error that the answer tells: the status of a remote
// procedure call, or else the response code.
func (s *response) errorType(code int) string {
	if s.failure != "" {
		return s.failure
	}
	if s.rpc != nil {
		if status := s.rpc.status(s.header); status != "" && status != "OK" {
			return status
		}
	}
	return strconv.Itoa(code)
}

// wrote notes that a part of the body is being written.
func (s *response) wrote(b []byte) {
	s.ok()
	if s.rpc != nil {
		s.rpc.write(b)
	}
}
