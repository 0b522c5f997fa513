package credential

import (
	"strings"

	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// answer is how the server answered a request.
type answer struct {
	code int    // 0: none, or not HTTP
	rpc  string // in lower case: "ok", "permission_denied", "7"

	// login means that the request asks for a session. What it says of itself is who the
	// client was before, or who has passed a proxy, and not who logged in. An attribute,
	// too: Django's has the user of when the request came.
	login bool
}

func answerOf(r *record.Record) answer {
	request := &r.Request
	if request.Route == nil {
		request.SetRoute(record.RouteInName(r.Span.Name(), request.Method, request.Path))
	}
	a := answer{code: request.Code, login: request.Method != "" && request.Act().Session == route.Login}
	for _, code := range []string{r.RPC.Code, r.RPC.OldCode, r.RPC.ConnectCode} {
		if code != "" {
			a.rpc = strings.ToLower(code)
		}
	}
	return a
}

// names reports whether the request may name somebody, if it has a proof. The server has
// not answered that the client is not authenticated.
func (a *answer) names() bool {
	return !a.login && a.code != 401 && a.code != 407 && a.rpc != "16" && a.rpc != "unauthenticated"
}

// accepted reports whether the server did what was asked, so that it must have believed
// the client. A redirect may lead to the login, and an error may come before the check.
func (a *answer) accepted() bool {
	if a.rpc != "" && a.rpc != "0" && a.rpc != "ok" {
		return false
	}
	return a.code >= 200 && a.code < 300 || a.code == 304 || a.code == 0 && a.rpc != ""
}
