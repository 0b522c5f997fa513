package instrument

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
)

// writerKind is what a framework does with a middleware of net/http, which shows in the
// response writer that it passes on.
type writerKind int

const (
	ordinary writerKind = iota
	// answersLater: echo.WrapMiddleware. Echo writes the answer to an error after the
	// middleware has returned.
	answersLater
	// runsLater: the adaptor of Fiber for middlewares. The handler itself runs after the
	// middleware has returned.
	runsLater
)

// kindOf recognises the writers of frameworks by their packages: a library must not
// make each service load them.
func kindOf(w http.ResponseWriter) writerKind {
	t := reflect.TypeOf(w)
	if t == nil || t.Kind() != reflect.Pointer {
		return ordinary
	}
	switch path := t.Elem().PkgPath(); {
	case strings.HasPrefix(path, "github.com/labstack/echo/"):
		return answersLater
	case strings.HasPrefix(path, "github.com/valyala/fasthttp/fasthttpadaptor"):
		return runsLater
	}
	return ordinary
}

// finishLater ends the activity when the framework has answered, or the server is done
// with the request. The span may end before that, so the log record alone is the
// activity.
func (c *Current) finishLater(end *ending) {
	markSkipped(end.span)
	late := *end
	late.span = trace.SpanFromContext(context.Background())
	unanswered := c.unanswered(&late)
	var once sync.Once
	answered := func() { once.Do(func() { c.finishOnce(&late, false) }) }
	c.response.answered.Store(&answered)
	if c.response.code.Load() != 0 { // between the check of the caller and here
		answered()
		return
	}
	context.AfterFunc(end.incoming.Context(), func() { once.Do(unanswered) })
}

// unanswered returns a function that records the activity of a request without an
// answer, which net/http answers with 200. It does not use the request, which the
// server uses again by then.
func (c *Current) unanswered(end *ending) func() {
	a, skipped := c.snapshot()
	req, said := c.innermost(), c.answers()
	act := c.derive(req, end)
	if c.cfg.disabled || skipped || !c.identify(&a, &act, req, end, &said) {
		return func() {}
	}
	c.complete(&a, &act, req, end)
	if !c.cfg.keeps(&a) {
		return func() {}
	}
	return func() {
		if c.set(func(last *activity.Activity) { c.ended, c.final, *last = true, true, a }) {
			c.record(&a, &act, end)
		}
	}
}

var errRunsLater = errors.New("record activity: this framework runs the handler after the middleware has returned, " +
	"so its requests cannot be recorded; use the package instrument/fiber for Fiber 3, instrument/fiberv2 for Fiber 2")
