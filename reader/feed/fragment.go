package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
)

// Fragment returns the list of h, a handler of [NewHandler], as HTML for a page of the
// service. r is the request for that page: it has the session that the scope comes from, and
// its query is that of the list, so that links to other pages work. Parameters that are not
// the list's are errors: take them out of r before.
//
// The error is [ErrUnauthenticated], [ErrForbidden], or what a client would get to see.
func Fragment(h http.Handler, r *http.Request) (template.HTML, error) {
	inner := r.Clone(r.Context())
	inner.Method = http.MethodGet
	inner.URL.Path, inner.URL.RawPath = "/", ""
	if values, err := url.ParseQuery(r.URL.RawQuery); err == nil {
		values.Set("format", "html")
		inner.URL.RawQuery = values.Encode()
	}
	w := memory{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(&w, inner)
	switch w.status {
	case http.StatusOK:
		return template.HTML(w.body.String()), nil //nolint:gosec // html/template has made it
	case http.StatusUnauthorized:
		return "", fmt.Errorf("show activities: %w", ErrUnauthenticated)
	case http.StatusForbidden:
		return "", fmt.Errorf("show activities: %w", ErrForbidden)
	}
	var p struct{ Detail string }
	if err := json.Unmarshal(w.body.Bytes(), &p); err != nil {
		return "", errors.New("show activities: " + http.StatusText(w.status))
	}
	return "", errors.New("show activities: " + p.Detail)
}

// memory keeps a response.
type memory struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (m *memory) Header() http.Header { return m.header }

// WriteHeader implements [http.ResponseWriter].
func (m *memory) WriteHeader(status int) { m.status = status }

// Write implements [http.ResponseWriter].
func (m *memory) Write(b []byte) (int, error) { return m.body.Write(b) }
