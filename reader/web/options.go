package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// Option is an option of [NewHandler].
type Option interface{ apply(*Handler) error }

type option func(*Handler) error

func (o option) apply(h *Handler) error { return o(h) }

// DefaultTimeout is how long the queries of one request may take, if [WithTimeout] does not
// say otherwise.
const DefaultTimeout = 30 * time.Second

// WithTimeout sets how long the queries of one request may take. Then the answer is an
// error with code 503. The default is [DefaultTimeout].
func WithTimeout(d time.Duration) Option {
	return option(func(h *Handler) error {
		if d <= 0 {
			return fmt.Errorf("the timeout must be longer than 0; got %s", d)
		}
		h.timeout = d
		return nil
	})
}

// TraceID is what [WithTraceURL] replaces by the id of a trace.
const TraceID = "{trace_id}"

// WithTraceURL makes links from activities to their traces. The URL must begin with http://
// or https:// and must have [TraceID] in its path, query or fragment:
// "http://localhost:16686/trace/{trace_id}". By default there are no links.
func WithTraceURL(address string) Option {
	return option(func(h *Handler) error {
		u, err := url.Parse(strings.ReplaceAll(address, TraceID, strings.Repeat("0", 32)))
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Contains(hostOf(address), "{") {
			return fmt.Errorf("the URL of traces must begin with http:// or https:// and a host; got %q", address)
		}
		if !strings.Contains(address, TraceID) {
			return fmt.Errorf("the URL of traces must have %s where the id belongs; got %q", TraceID, address)
		}
		h.traceURL = address
		return nil
	})
}

// hostOf returns what is between // and the path of a URL.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "//")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// WithLogger sets where errors of the database go: answers do not have their text. The
// default is [slog.Default].
func WithLogger(logger *slog.Logger) Option {
	return option(func(h *Handler) error { h.logger = logger; return nil })
}

// WithObserver has a function called for each view of the log, before it is answered. The
// function is called by several goroutines. It can record who looked at what; the context is
// that of the request, where a login may have left the name.
func WithObserver(observe func(context.Context, View)) Option {
	return option(func(h *Handler) error { h.observe = observe; return nil })
}

// View is what somebody looked at: the rows of a page or of an answer of the API. Requests
// with a parameter that is wrong, and files such as the style sheet, are not views.
type View struct {
	Request *http.Request // its URL is without the prefix of the handler

	Kind   Kind
	Format string // "html", "json" or "csv"

	Query  reader.Query  // the filters
	Object reader.Object // of KindHistory
	ID     activity.ID   // of KindActivity

	Rows int   // how many rows, or groups of KindCounts, are shown
	Err  error // why nothing is shown, such as [reader.ErrNotFound]; nil if it is
}

// Kind is the kind of a [View].
type Kind string

// Kinds of views.
const (
	KindList         Kind = "list"          // activities of a query
	KindActivity     Kind = "activity"      // one activity
	KindActor        Kind = "actor"         // the activities of an actor, on the page
	KindHistory      Kind = "history"       // of an object
	KindFailedLogins Kind = "failed logins" // on the page
	KindCounts       Kind = "counts"
)
