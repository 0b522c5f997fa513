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
	if c.cfg.remarksFunc != nil {
		if text := c.cfg.remarksFunc(req, a); text != "" {
			return text
		}
	}
	if c.cfg.remarks != "" {
		return c.cfg.remarks
	}
	return a.DefaultRemarks()
}
