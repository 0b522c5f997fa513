package instrument

import (
	"net/http"

	"github.com/otelactivity/activitylog/activity"
)

// remarks returns the remarks of a: those of the handler, else of an option, else the
// default.
func (c *Current) remarks(a *activity.Activity, req *http.Request) string {
	if a.Remarks != "" {
		return a.Remarks
	}
	said := c.said.remarks
	switch {
	case !c.said.asked:
		said = c.cfg.remarksOf(req, a)
	case c.said.status != a.Status: // the outcome has changed, and the router is done with its context
		said = c.cfg.remarksOf(c.outer, a)
	}
	if said != "" {
		return said
	}
	if c.cfg.remarks != "" {
		return c.cfg.remarks
	}
	return a.DefaultRemarks()
}
