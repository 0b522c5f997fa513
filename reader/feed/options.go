package feed

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// Option is an option of [NewHandler].
type Option func(*handler)

// WithScope sets the function that says whose activities a request may see. It is required.
// It returns [ErrUnauthenticated] for 401 or [ErrForbidden] for 403. Any other error, and an
// empty scope, is 500: the text goes to the log, and not to the client.
//
// It must decide by what the service has checked, such as a session, and never by a
// parameter or a header that the client may choose.
func WithScope(scope func(*http.Request) (Scope, error)) Option {
	return func(h *handler) { h.scope = scope }
}

// WithColumns sets which columns are shown, in place of [DefaultColumns]: names of
// [activity.Columns] but data. event_id and action_time are always shown. A column that is
// shown can also be filtered by.
func WithColumns(names ...string) Option {
	return func(h *handler) { h.columns = names }
}

// WithData sets which keys of the column data are shown: "changes" for what was changed.
// The default is no key. What is below a key is shown as a whole. Data cannot be
// filtered by.
func WithData(keys ...string) Option {
	return func(h *handler) { h.data = keys }
}

// WithLanguage sets the function that says in which language a response is. The default is
// [English]. See [AcceptLanguage]. nil is English, too.
func WithLanguage(language func(*http.Request) Catalogue) Option {
	return func(h *handler) { h.language = language }
}

// WithLocation sets the function that says in which time zone times are shown, and dates of
// the parameters from and to are meant. The default is UTC, also if it returns nil.
func WithLocation(location func(*http.Request) *time.Location) Option {
	return func(h *handler) { h.location = location }
}

// WithLimits sets how many activities a page has, and how many the parameter limit may ask
// for: at most [reader.MaxLimit]. The default is 50 and 200.
func WithLimits(standard, most int) Option {
	return func(h *handler) { h.limit, h.most = standard, most }
}

// WithTimeout sets how long the database may take. After that the response is 503. The
// default is 10 seconds; 0 is no limit.
func WithTimeout(timeout time.Duration) Option {
	return func(h *handler) { h.timeout = timeout }
}

// WithPath sets the path of the page that links to other pages lead to, "/account/activity".
// The default is none: links are relative, "?cursor=…", to the page that has them.
func WithPath(path string) Option {
	return func(h *handler) { h.path = path }
}

// WithLogger sets the logger for errors that clients do not see. The default is
// [slog.Default].
func WithLogger(logger *slog.Logger) Option {
	return func(h *handler) { h.logger = logger }
}

// check completes the options, and returns what is wrong with them.
func (h *handler) check() (err error) {
	switch {
	case h.scope == nil:
		return fmt.Errorf("feed.WithScope is required: it says whose activities a request may see")
	case h.limit < 1, h.most < h.limit, h.most > reader.MaxLimit:
		return fmt.Errorf("the limits must be 1 to %d, the first at most the second; got %d and %d", reader.MaxLimit, h.limit, h.most)
	case h.timeout < 0:
		return fmt.Errorf("the timeout must not be negative; got %s", h.timeout)
	case h.language == nil, h.location == nil, h.logger == nil:
		return fmt.Errorf("a language, location or logger must not be nil: leave the option out")
	}
	h.shown, err = newShown(h.columns, h.data)
	return err
}
