package instrument

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/procedure"
	"github.com/otelactivity/activitylog/activity/route"
)

// found is what the request does, by its route and path, or by a WithRoute.
type found struct {
	route.Act
	template *route.Template // of the pattern that matched, nil of a part or a procedure
	noise    bool            // a program asked for it, see route.Template.IsNoise; or it will be repeated
}

// derive returns what the request does. It changes neither c nor end: a handler may still be
// running when its request ends, as inside http.TimeoutHandler.
func (c *Current) derive(req *http.Request, end *ending) found {
	if c.part != nil {
		return found{Act: *c.part}
	}
	if c.procedure != "" {
		return c.deriveProcedure(end)
	}
	template := c.cfg.routes.Get(req.Pattern)
	f := found{template: template}
	escaped, code := end.url.escaped(), c.response.status(end.panicked)
	act := template.Act(req.Method, escaped, code)
	if t, ok := c.cfg.actionTypes[req.Method]; ok {
		act.Type, act.Session = t, route.NoSession
	}
	if act.Param != "" && act.Object.Type != "" {
		// The router's value is right even if the path has a prefix that the route lacks.
		if id := route.ID(req.PathValue(act.Param)); id != "" {
			act.Object.ID = id
		}
	}
	f.noise = (req.Method == http.MethodGet || req.Method == http.MethodHead) &&
		template.IsNoise(req.Method, escaped, code, req.UserAgent()) || c.isRepeated(&act, end)
	if act.Secret {
		maskPath(template, end)
	}
	if c.cfg.rules != nil {
		overridden := act // only this one is allocated
		f.noise = !c.cfg.rules.override(&overridden, c, end) && f.noise
		act = overridden
	}
	f.Act = act
	return f
}

// isRepeated reports whether the answer tells the client to send the same request to another
// path of this service, as routers do for a slash at the end. Whoever has logged in or out is
// often sent to the next page by 307: that is not the same request.
func (c *Current) isRepeated(act *route.Act, end *ending) bool {
	if code := c.response.status(end.panicked); code != http.StatusTemporaryRedirect && code != http.StatusPermanentRedirect {
		return false
	}
	location := end.location()
	to, err := url.Parse(location)
	if err != nil || location == "" || to.Host != "" && to.Host != end.incoming.Host {
		return false
	}
	return act.Session == route.NoSession ||
		strings.EqualFold(path.Clean(end.url.url().ResolveReference(to).Path), path.Clean(end.url.path))
}

// deriveProcedure returns what a remote procedure call does by its name, or by a WithRoute.
func (c *Current) deriveProcedure(end *ending) found {
	act := procedure.Act("", c.procedure)
	noise := procedure.IsNoise("", c.procedure)
	if c.cfg.rules != nil {
		noise = !c.cfg.rules.override(&act, c, end) && noise
	}
	return found{Act: act, noise: noise}
}

// maskPath replaces the secrets in the path on the span, which otelhttp has copied.
func maskPath(template *route.Template, end *ending) {
	if !end.span.IsRecording() {
		return
	}
	escaped := end.url.escaped()
	for _, secret := range template.Secrets(escaped) {
		escaped = strings.ReplaceAll(escaped, secret, masked)
	}
	if plain, err := url.PathUnescape(escaped); err == nil {
		escaped = plain // as otelhttp has it
	}
	end.span.SetAttributes(attribute.String(urlPathKey, validText(escaped)))
}

// masked stands for a secret, as in what the collector masks.
const masked = "****"

// place sets action name and object of the activity from the route, where the handler
// has not set them.
func (c *Current) place(a *activity.Activity, act *found, end *ending) {
	if a.ActionName == "" {
		a.ActionName = act.Name
	}
	if isSession(a.ActionType) {
		a.Object = mergeObjects(activity.Object{Type: sessionType}, a.Object)
		return
	}
	if act.Object.ID == "" && a.ActionType == activity.ActionCreate && c.response.status(end.panicked) == http.StatusCreated {
		if location := end.location(); location != "" {
			act.Object.ID = createdID(location, c.cfg.routes.Get(""))
		}
	}
	a.Object = mergeObjects(act.Object, a.Object)
	if act.Guessed && a.Object.Type == act.Object.Type && a.Object.ID == act.Object.ID {
		addData(a, activity.GuessedKey, true)
	}
}

// location returns where the answer says that what was created is.
func (end *ending) location() string {
	if end.writer != nil {
		return end.writer.Header().Get("Location")
	}
	return end.header.Get("Location")
}

// addData adds an entry to the data of the activity, unless the handler has set it.
func addData(a *activity.Activity, key string, value any) {
	if _, ok := a.Data[key]; ok {
		return
	}
	if a.Data == nil {
		a.Data = make(map[string]any, 1)
	}
	a.Data[key] = value
}
