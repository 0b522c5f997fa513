package declared

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Wait returns when the time to wait for log records has passed since ends, the
// end of the newest span of a request to the collector. The caller waits within
// the request and has not answered it, so that a crash loses nothing: its sender
// sends it again.
//
// It never takes longer than Config.Wait, also when the clock of the service is
// ahead, nor more than half of what ctx leaves: the rest is for writing. An error
// is that of ctx.
func (x *Index) Wait(ctx context.Context, ends pcommon.Timestamp) error {
	if x.cfg.Wait <= 0 || ends == 0 {
		return nil
	}
	left := min(x.cfg.Wait-time.Since(ends.AsTime()), x.cfg.Wait)
	if deadline, ok := ctx.Deadline(); ok {
		left = min(left, time.Until(deadline)/2)
	}
	if left <= 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for declared activities: %w", ctx.Err())
	}
}
