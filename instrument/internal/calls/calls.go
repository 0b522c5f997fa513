// Package calls is what the adapters for remote procedure calls share.
package calls

import (
	"sync"
	"sync/atomic"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// Protocol is what differs between them.
type Protocol struct {
	// Status returns the name of the status that a call ends with whose handler returned err,
	// which is not nil: "NOT_FOUND".
	Status func(err error) string
	// Refusal returns the error of a call that is refused by [instrument.WithStrict]. It is all
	// that a client is told: the reason, which the error handler of OpenTelemetry gets, may name
	// a file of the service.
	Refusal func() error
}

// Run runs the handler of a call and ends the call. object is called when the handler has
// returned.
func (p Protocol) Run(call instrument.Call, object func() activity.Object, handler func() error) error {
	err := call.Run(handler, func(err error, _ bool) instrument.Answer {
		a := instrument.Answer{Object: object()}
		if err != nil {
			a.ErrorType = p.Status(err)
			a.Code = activity.HTTPFromRPC(a.ErrorType)
		}
		return a
	})
	if call.Err() != nil {
		return p.Refusal()
	}
	return err //nolint:wrapcheck // it is the handler's
}

// Stream is a call with streams. Messages may be received and sent at the same time.
type Stream struct {
	Tracker *instrument.Tracker
	Call    instrument.Call
	Name    string // of the procedure

	object  atomic.Pointer[activity.Object] // of the first message, nil before it
	answers sync.Once                       // it has begun
	refused error
}

// Received notes a message of the client. The first one is the request.
func (s *Stream) Received(message any) {
	if s.object.Load() == nil {
		object := s.Tracker.Object(s.Name, message)
		s.object.Store(&object)
	}
}

// Object returns the object of the request.
func (s *Stream) Object() activity.Object {
	if object := s.object.Load(); object != nil {
		return *object
	}
	return activity.Object{}
}

// BeforeAnswer must be called before a message is sent. It returns an error if none must leave,
// because the activity must be on disk before the first one, and is not.
func (s *Stream) BeforeAnswer() error {
	s.answers.Do(func() { s.refused = s.Call.Store(s.Object()) })
	return s.refused
}
