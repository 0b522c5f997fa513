package declared

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Wait returns when Config.Wait has passed since ends, the end of the newest span of a
// request to the collector. The request is not answered meanwhile, so a crash loses
// nothing: its sender sends it again.
//
// It never takes longer than Config.Wait, even if the clock of the service is ahead, nor
// more than half of the time that ctx has left: the rest is for writing. Its error is
// that of ctx.
func (x *Index) Wait(ctx context.Context, ends pcommon.Timestamp) error {
	if x.cfg.Wait <= 0 || ends == 0 {
		return nil
	}
	wait := time.Duration(x.cfg.Wait)
	left := min(wait-time.Since(ends.AsTime()), wait)
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
