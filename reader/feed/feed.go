package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// source is what a handler asks for rows: a [reader.Reader].
type source interface {
	List(context.Context, reader.Query, reader.Paging) (reader.Page, error)
}

// handler serves the activities of a scope.
type handler struct {
	source        source
	scope         func(*http.Request) (Scope, error)
	columns, data []string
	shown         shown
	language      func(*http.Request) Catalogue
	location      func(*http.Request) *time.Location
	limit, most   int
	timeout       time.Duration
	path          string
	logger        *slog.Logger
}

// NewHandler returns a handler that serves activities of r, of the scope that [WithScope]
// says. Use [http.StripPrefix] to serve it below a path. See the package for what it serves.
func NewHandler(r *reader.Reader, options ...Option) (http.Handler, error) {
	if r == nil {
		return nil, errors.New("make a feed: the reader is nil")
	}
	return newHandler(r, options...)
}

func newHandler(from source, options ...Option) (http.Handler, error) {
	english := English()
	h := &handler{
		source: from, columns: DefaultColumns(), limit: 50, most: 200, timeout: 10 * time.Second, logger: slog.Default(),
		language: func(*http.Request) Catalogue { return english },
		location: func(*http.Request) *time.Location { return time.UTC },
	}
	for _, option := range options {
		option(h)
	}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("make a feed: %w", err)
	}
	return h, nil
}

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "private, no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Resource-Policy", "same-site") // no page elsewhere has it as a script or an image
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	for _, name := range []string{"Accept", "Accept-Language", "Authorization", "Cookie"} {
		header.Add("Vary", name)
	}
	view, err := h.view(r)
	if err == nil {
		err = h.send(w, r, view)
	}
	if err != nil {
		h.fail(w, r, err)
	}
}

// view is what a request gets to see.
type view struct {
	Entries        []Entry
	next, previous reader.Cursor
	one            bool // the request is for one activity
	parameters     parameters
	words          Catalogue
	zone           *time.Location
}

// view reads what the request asks for. The scope comes first: who may see nothing learns
// nothing of the parameters either.
func (h *handler) view(r *http.Request) (*view, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil, &problem{status: http.StatusMethodNotAllowed, detail: "the method must be GET or HEAD"}
	}
	scope, err := h.scope(r)
	if err == nil {
		err = scope.check()
	}
	if err != nil {
		return nil, fmt.Errorf("find the scope: %w", err)
	}
	v := &view{words: h.language(r), zone: h.location(r)}
	if v.words == nil {
		v.words = English()
	}
	if v.zone == nil {
		v.zone = time.UTC
	}
	if err := h.route(r, v); err != nil {
		return nil, err
	}
	return v, h.read(r.Context(), scope, v)
}

// route finds out which of the paths a request is for, and reads its parameters.
func (h *handler) route(r *http.Request, v *view) (err error) {
	switch path := strings.TrimPrefix(r.URL.Path, "/"); path {
	case "":
		v.parameters, err = h.parse(r, v.zone, h.listed()...)
	case "history":
		v.parameters, err = h.parse(r, v.zone, h.listed()...)
		if object := v.parameters.query.Object; err == nil && (object.Type == "" || object.ID == "") {
			err = bad("a history needs the parameters object_type and object_id")
		}
	default:
		v.one = true
		id, failed := reader.ParseID(path)
		if failed != nil {
			return errNotFound
		}
		v.parameters, err = h.parse(r, v.zone, "format")
		v.parameters.query.ID, v.parameters.paging.Limit = id, 1
		if id.IsZero() { // which is no condition for the reader
			err = errNotFound
		}
	}
	return err
}

// read reads the rows.
func (h *handler) read(ctx context.Context, scope Scope, v *view) error {
	if h.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, h.timeout)
		defer cancel()
	}
	var page reader.Page
	if query := v.parameters.query; scope.restrict(&query) {
		var err error
		if page, err = h.source.List(ctx, query, v.parameters.paging); err != nil {
			return fmt.Errorf("read activities: %w", err)
		}
	}
	for i := range page.Rows {
		if !scope.holds(&page.Rows[i]) {
			return fmt.Errorf("read activities: the database returned %s, which is not in the scope: "+
				"the columns tenant_id and actor_id must compare text byte for byte", page.Rows[i].EventID)
		}
		v.Entries = append(v.Entries, h.shown.entry(page.Rows[i]))
	}
	if v.one && len(v.Entries) == 0 {
		return errNotFound
	}
	v.next, v.previous = page.Next, page.Previous
	return nil
}
