package serve

import (
	"context"
	"net/http"
	"net/netip"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/reader/web"
)

// Recording makes each view of the log an activity of its own, by the global providers of
// OpenTelemetry.
type Recording struct {
	TrustedProxies []netip.Prefix      // whose X-Forwarded-For is believed
	Options        []instrument.Option // further ones
}

// rowKey is for whether a request is to have a row.
type rowKey struct{}

// giveRow says that a request is to have a row: it was a view, a login or a logout.
func giveRow(ctx context.Context) {
	if row, ok := ctx.Value(rowKey{}).(*bool); ok {
		*row = true
	}
}

// recordLogin records that somebody logged in.
func recordLogin(ctx context.Context, p Person) {
	giveRow(ctx)
	instrument.RecordLogin(ctx, p.actor())
}

// recordLogout records that somebody logged out.
func recordLogout(ctx context.Context, p Person) {
	giveRow(ctx)
	instrument.RecordLogout(ctx, p.actor())
}

// recordLoginFailed records that somebody could not log in. claimed is who they said to be, or
// "".
func recordLoginFailed(ctx context.Context, claimed string) {
	giveRow(ctx)
	instrument.RecordLoginFailed(ctx, claimed)
}

// Wrap records the requests of a handler that shows something, and logins.
func (rec Recording) Wrap(next http.Handler) http.Handler {
	// Whoever looks must not say in which trace that is, or that it is not sampled.
	ownTrace := instrument.WithOTelHTTPOptions(otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }))
	options := append([]instrument.Option{instrument.WithAnonymous(), instrument.WithActor(actorOf), ownTrace}, rec.Options...)
	if len(rec.TrustedProxies) > 0 {
		options = append(options, instrument.WithTrustedProxies(rec.TrustedProxies...))
	}
	return instrument.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		row := new(bool)
		r = r.WithContext(context.WithValue(r.Context(), rowKey{}, row))
		instrument.CaptureContext(r.Context())
		next.ServeHTTP(w, r)
		if !*row {
			instrument.FromContext(r.Context()).Skip() // a style sheet, or a mistake in an address
		}
	}), "activitylog serve", options...)
}

// actorOf is who logged in.
func actorOf(r *http.Request) activity.Actor {
	p, _ := PersonOf(r.Context()) // nobody is no actor
	return p.actor()
}

// Observe is for [web.WithObserver].
func (rec Recording) Observe(ctx context.Context, v web.View) {
	giveRow(ctx)
	current := instrument.FromContext(ctx)
	if p, ok := PersonOf(ctx); ok {
		current.SetActor(p.actor())
	}
	current.SetAction(activity.ActionRead, "activitylog "+string(v.Kind))
	current.SetObject(activity.Object{Type: "audit log", ID: string(v.Kind)})
	switch v.Kind {
	case web.KindActivity:
		current.SetObject(activity.Object{Type: "activity", ID: v.ID.String()})
	case web.KindHistory: // of whom somebody asked is worth a row of its own
		current.AddObject(activity.Object{Type: v.Object.Type, ID: v.Object.ID})
	}
	current.SetData("format", v.Format)
	current.SetData("rows", v.Rows)
	if q := v.Request.URL.RawQuery; q != "" {
		current.SetData("query", q)
	}
}
