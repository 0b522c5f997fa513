package instrument

import (
	"net/http"

	"github.com/otelactivity/activitylog/activity"
)

// remarks returns the remarks of a: the handler's, else those that an option
// words, else a default sentence.
func (c *Current) remarks(a *activity.Activity, req *http.Request, rt *route, end *ending) string {
	if a.Remarks != "" {
		return a.Remarks
	}
	if c.cfg.remarksFunc != nil {
		if text := c.cfg.remarksFunc(req, a); text != "" {
			return text
		}
	}
	switch {
	case c.cfg.remarks != "":
		return c.cfg.remarks
	case isSession(a.ActionType):
		return sessionRemarks(a)
	}
	return requestRemarks(a, rt, end.url.Path)
}

// requestRemarks is the default sentence of a request: actor, action type,
// path and, where it is another text, the route:
// "alice: Update /articles/17 (route /articles/{id}) failed".
// The query is left out, as it may hold secrets.
func requestRemarks(a *activity.Activity, rt *route, path string) string {
	route, failed := "", ""
	if rt != nil && rt.path != path {
		route = " (route " + rt.path + ")"
	}
	if a.Status == activity.StatusFailed {
		failed = " failed"
	}
	return a.Actor.String() + ": " + string(a.ActionType) + " " + path + route + failed
}

// sessionRemarks is the default sentence of a login, failed login or logout:
// "alice is logged in with ip 192.0.2.7".
func sessionRemarks(a *activity.Activity) string {
	who, address := a.Actor.String(), ""
	if claimed, ok := a.Data[activity.ClaimedKey].(string); ok && who == "" {
		who = claimed
	}
	if who == "" {
		who = "somebody"
	}
	if a.ClientAddress != "" {
		address = " with ip " + a.ClientAddress
	}
	switch {
	case a.ActionType == activity.ActionLoginFailed:
		return who + " failed to log in" + address
	case a.Status == activity.StatusFailed:
		return who + ": " + string(a.ActionType) + " failed" + address
	case a.ActionType == activity.ActionLogout:
		return who + " is logged out" + address
	}
	return who + " is logged in" + address
}
