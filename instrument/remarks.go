package instrument

import (
	"net/http"

	"github.com/otelactivity/activitylog/activity"
)

// remarks returns the remarks of a: the handler's, else those of an option,
// else the default sentence.
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
