package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/otelactivity/activitylog/reader"
)

// problem is an error that a client gets to see, in the form of RFC 9457.
type problem struct {
	status int
	detail string
}

// Error implements [error].
func (p *problem) Error() string { return p.detail }

// bad is the problem of a request that is wrong.
func bad(format string, args ...any) error {
	return &problem{status: http.StatusBadRequest, detail: fmt.Sprintf(format, args...)}
}

// errNotFound is the same for an id that is not there, that is in another scope, and that
// is none.
var errNotFound = &problem{status: http.StatusNotFound, detail: "there is no such activity"}

// problemOf returns what a client gets to see of an error. What is not known to be
// harmless is for the log only.
func problemOf(err error) (p *problem, known bool) {
	switch {
	case errors.As(err, &p):
		return p, true
	case errors.Is(err, ErrUnauthenticated):
		return &problem{http.StatusUnauthorized, "log in to see activities"}, true
	case errors.Is(err, ErrForbidden):
		return &problem{http.StatusForbidden, "you may not see activities"}, true
	case errors.Is(err, reader.ErrCursor):
		return &problem{http.StatusBadRequest, "the parameter cursor must be one that a page of activities has given"}, true
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{http.StatusServiceUnavailable, "it takes too long to find the activities; ask for a shorter time, with from and to"}, false
	}
	return &problem{http.StatusInternalServerError, "the activities cannot be read; try again later"}, false
}

// fail sends an error.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the client has left
	}
	p, known := problemOf(err)
	if !known {
		h.logger.ErrorContext(r.Context(), "activity feed", "error", err)
	}
	text, _ := json.Marshal(map[string]any{"type": "about:blank", "title": http.StatusText(p.status), "status": p.status, "detail": p.detail})
	if p.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, HEAD")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.status)
	_, _ = w.Write(append(text, '\n'))
}
