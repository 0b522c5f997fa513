package setup

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ShutdownTime is how long [Telemetry.Shutdown] takes at most if its context has no deadline.
const ShutdownTime = 10 * time.Second

// Server is what records activities until it is shut down, such as an [http.Server].
//
// [http.Server]: https://pkg.go.dev/net/http#Server
type Server interface {
	// Shutdown waits for requests in flight, until ctx ends.
	Shutdown(ctx context.Context) error
}

// Shutdown stops the servers, sends the remaining spans and activities at the same time, then
// metrics, and shuts down the providers. It returns when that is done, or shortly after ctx ends.
// If ctx has no deadline, it ends after [ShutdownTime].
//
// The servers stop first, all at the same time, so that the activities of requests in flight are
// sent. They get half of the time at most, because requests that do not end must not cost the
// activities of others.
func (t *Telemetry) Shutdown(ctx context.Context, servers ...Server) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, ShutdownTime)
		defer cancel()
	}
	err := stop(ctx, servers)
	var errs [3]error
	var wg sync.WaitGroup
	if t.LoggerProvider != nil {
		wg.Go(func() { errs[0] = t.LoggerProvider.Shutdown(ctx) })
	}
	if t.TracerProvider != nil {
		wg.Go(func() { errs[1] = t.TracerProvider.Shutdown(ctx) })
	}
	wg.Wait()
	if t.MeterProvider != nil { // last, because it sends the spool's figures
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		errs[2] = t.MeterProvider.Shutdown(ctx)
	}
	return errors.Join(append([]error{err}, errs[:]...)...)
}

// stop shuts the servers down, within half of the time that ctx has left.
func stop(ctx context.Context, servers []Server) error {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithTimeout(ctx, time.Until(deadline)/2)
	defer cancel()
	errs := make([]error, len(servers))
	var wg sync.WaitGroup
	for i, server := range servers {
		wg.Go(func() {
			if err := server.Shutdown(ctx); err != nil {
				errs[i] = fmt.Errorf("stop server: %w", err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
