package web

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/otelactivity/activitylog/examples/blog/internal/store"
)

// maxBody is how many bytes of a request body are read.
const maxBody = 64 << 10

// readJSON decodes the request's body into v, or answers 400 (413 when the
// body is too long) and returns false.
func readJSON(w http.ResponseWriter, r *http.Request, v any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if err == nil {
		return true
	}
	code := http.StatusBadRequest
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		code = http.StatusRequestEntityTooLarge
	}
	writeError(w, code, "read request body: "+err.Error())
	return false
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // an error here is a client that went away
}

func writeError(w http.ResponseWriter, code int, message string) {
	writeJSON(w, code, map[string]string{"error": message})
}

// fail answers with the status that belongs to an error of the store.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, store.ErrNotFound):
		writeError(w, http.StatusNotFound, "not found")
	case errors.Is(err, errNotYours):
		writeError(w, http.StatusForbidden, err.Error())
	case errors.Is(err, errEmpty):
		writeError(w, http.StatusBadRequest, err.Error())
	default:
		internalError(w, r, err)
	}
}

// internalError tells the log what happened and the client that something did.
func internalError(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	writeError(w, http.StatusInternalServerError, "internal error")
}

// numericID returns the id in the path. A text that is not a number names nothing that
// the blog has, so it is answered like a number that names nothing.
func numericID(w http.ResponseWriter, r *http.Request) (int64, bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		writeError(w, http.StatusNotFound, "not found")
		return 0, false
	}
	return id, true
}
