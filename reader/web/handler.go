package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// Handler serves the page and the API. It is made by [NewHandler].
type Handler struct {
	reader   *reader.Reader
	timeout  time.Duration
	traceURL string
	logger   *slog.Logger
	observe  func(context.Context, View)
	now      func() time.Time
}

// NewHandler returns a handler that shows the rows of a reader. It serves the root of its
// URLs; below a prefix, wrap it into [http.StripPrefix]. It fails if an option is wrong, or
// without a reader.
func NewHandler(r *reader.Reader, options ...Option) (*Handler, error) {
	if r == nil {
		return nil, errors.New("the page needs a reader")
	}
	h := &Handler{reader: r, timeout: DefaultTimeout, logger: slog.Default(), observe: func(context.Context, View) {}, now: time.Now}
	for _, o := range options {
		if err := o.apply(h); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// policy is the Content-Security-Policy of all answers: no scripts, and styles from the
// style sheet alone.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")

	path := strings.TrimPrefix(r.URL.Path, "/")
	rest, isAPI := strings.CutPrefix(path, "api/")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		h.fail(w, r, isAPI, &problem{Status: http.StatusMethodNotAllowed, Detail: "the log is read with GET or HEAD; nothing changes it"})
		return
	}
	switch {
	case isAPI:
		h.serveAPI(w, r, rest)
	case strings.HasPrefix(path, "assets/"):
		h.serveAsset(w, r, path)
	case path == "" && withoutSlash(r) != "":
		header.Set("Location", withoutSlash(r))
		w.WriteHeader(http.StatusSeeOther)
	default:
		h.servePage(w, r, path)
	}
}

// withoutSlash returns where the root is if a request for it lacks the slash at its end, so
// that relative links would lead elsewhere. It is "" for other requests.
func withoutSlash(r *http.Request) string {
	asked, err := url.ParseRequestURI(r.RequestURI)
	if err != nil || asked.Path == "" || strings.HasSuffix(asked.Path, "/") {
		return ""
	}
	escaped := asked.EscapedPath()
	to := "./" + escaped[strings.LastIndex(escaped, "/")+1:] + "/"
	if asked.RawQuery != "" {
		to += "?" + asked.RawQuery
	}
	return to
}

// fail answers with a problem, to a program or a person.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, isAPI bool, p *problem) {
	if isAPI {
		p.write(w, r)
		return
	}
	h.failPage(w, r, p)
}

// problemOf returns what an error of the reader is to whoever asked. The text of other
// errors stays in the log: it can have names of servers and accounts.
func (h *Handler) problemOf(ctx context.Context, err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, reader.ErrNotFound):
		return &problem{Status: http.StatusNotFound, Detail: "there is no activity with this id"}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &problem{Status: http.StatusServiceUnavailable,
			Detail: "the database did not answer within " + h.timeout.String() + "; ask for less time, with the parameters from, to or last"}
	case ctx.Err() != nil: // whoever asked has left
		return &problem{Status: http.StatusServiceUnavailable, Detail: "the request was cancelled"}
	}
	h.logger.ErrorContext(ctx, "read activities", "error", err)
	return &problem{Status: http.StatusBadGateway, Detail: "the database could not be read; the log of this server says why"}
}
