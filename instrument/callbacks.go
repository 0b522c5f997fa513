package instrument

import (
	"fmt"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// answers are what the service's functions said about a request. They are asked when
// its innermost handler returns: some routers use their context again for another
// request once they have returned.
type answers struct {
	asked   bool
	act     found // what the request does, if it is answered with code
	code    int
	actor   activity.Actor
	remarks string
	status  activity.Status // that remarks are about
}

// ask asks the service's functions about r, whose handler is about to return. a and end are
// copies of what is known so far.
func (c *Current) ask(r *http.Request, a *activity.Activity, end *ending) {
	if c.cfg.disabled || c.cfg.actor == nil && c.cfg.remarksFunc == nil || !c.isTaken(end.span) {
		return
	}
	act := c.derive(r, end)
	if !c.track(a, &act, r, end, &answers{}) {
		return
	}
	said := answers{asked: true, act: act, code: c.response.status(false), actor: a.Actor}
	if act.Session != route.NoSession {
		c.answered(a, &act, end)
	}
	if c.cfg.remarksFunc != nil && a.Remarks == "" {
		c.askRemarks(r, *a, act, *end, &said)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended && c.inner == r { // else said is about a request that is not the last one
		c.said = said
	}
}

// askRemarks asks for the remarks about r. Its copies escape, so it is apart from ask.
func (c *Current) askRemarks(r *http.Request, a activity.Activity, act found, end ending, said *answers) {
	c.describe(&a, &act, &end)
	said.remarks, said.status = c.cfg.remarksOf(r, &a), a.Status
}

// soFar returns what is known of the end of a request that has not ended.
func (c *Current) soFar() ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.copyOfEnd()
}

// copyOfEnd is soFar with the lock held.
func (c *Current) copyOfEnd() ending {
	return ending{span: c.end.span, incoming: c.end.incoming, url: c.end.url, writer: c.end.writer, header: c.end.header}
}

// answers returns what the service's functions said so far.
func (c *Current) answers() answers {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said
}

// snapshot returns a copy of the activity so far, and whether the handler skips it. Once the
// activity has ended, its end goes on changing it, and nobody else has a say.
func (c *Current) snapshot() (a activity.Activity, skipped bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return activity.Activity{}, true
	}
	return c.copyOfAct(), c.skipped
}

// copyOfAct returns a copy of the activity so far. The lock is held.
func (c *Current) copyOfAct() activity.Activity {
	a := c.act
	a.Data, a.Objects = plainMap(a.Data), slices.Clone(a.Objects) // other goroutines may go on changing them
	return a
}

// actorOf returns the actor of the request by [WithActor], or else by its context.
func (c *config) actorOf(r *http.Request) (actor activity.Actor) {
	if c.actor != nil {
		if actor = c.askActor(r); !actor.IsZero() {
			return actor
		}
	}
	return activity.ActorFromContext(r.Context())
}

func (c *config) askActor(r *http.Request) (actor activity.Actor) {
	defer report("WithActor")
	return c.actor(r)
}

// remarksOf returns the remarks of the activity by [WithRemarksFunc].
func (c *config) remarksOf(r *http.Request, a *activity.Activity) (remarks string) {
	if c.remarksFunc == nil {
		return ""
	}
	defer report("WithRemarksFunc")
	return c.remarksFunc(r, a)
}

// passes reports whether a filter of [WithFilter] accepts the request. One that panics
// does not keep the request out of the log.
func passes(filter func(*http.Request) bool, r *http.Request) (pass bool) {
	defer report("WithFilter")
	pass = true
	return filter(r)
}

// report reports a panic of the service's own function, and ends it: the request has
// been answered, and its activity is still recorded. It must be deferred.
func report(option string) {
	if value := recover(); value != nil {
		otel.Handle(fmt.Errorf("record activity: the function of %s panicked: %v", option, value))
	}
}
