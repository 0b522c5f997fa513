package instrument

import (
	"fmt"
	"sync/atomic"

	"go.opentelemetry.io/otel"

	"github.com/otelactivity/activitylog/activity"
)

// actors notices a service whose requests never have an actor, which means that they
// are not recorded.
type actors struct {
	known   atomic.Bool // a request had one
	without atomic.Int32
}

// withoutActor is after how many requests that is reported.
const withoutActor = 100

// note notes whether a request had an actor.
func (x *actors) note(actor activity.Actor) {
	switch {
	case x.known.Load():
	case !actor.IsZero():
		x.known.Store(true)
	case x.without.Add(1) == withoutActor:
		otel.Handle(fmt.Errorf("record activity: the first %d requests had no actor; "+
			"put CaptureRoute inside the authentication, or call SetActor there", withoutActor))
	}
}
