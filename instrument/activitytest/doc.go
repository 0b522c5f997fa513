// Package activitytest is for a service's own tests: what does it record?
//
//	func TestRename(t *testing.T) {
//		rec := activitytest.NewRecorder()
//		service := shop.NewHandler(rec.Option()) // passes it on to instrument.NewHandler
//		...
//		rec.Want(t, activity.Activity{
//			Actor:      activity.Actor{ID: "1"},
//			ActionType: activity.ActionUpdate,
//			Object:     activity.Object{Type: "article", ID: "17"},
//		})
//	}
//
// A [Recorder] is in the place of the OpenTelemetry SDK, so nothing is sent. [Recorder.Want]
// compares the fields that are set. [Recorder.Activities] returns all of them, for a comparison
// of the test's own.
//
// [CoverRoutes] checks that each route that changes something leaves an activity.
//
// # Comparing with go-cmp
//
// [activity.Activity] has no unexported fields. Each activity has an id and a time of its own,
// which [WithoutIDs] removes:
//
//	cmp.Diff(want, activitytest.WithoutIDs(rec.Activities()))
//
// The same as an option is cmpopts.IgnoreFields(activity.Activity{}, "ID", "Time").
//
// # When an activity is there
//
// An activity is recorded before the end of the answer is sent: a test that has read the whole
// answer finds it. Handlers that flush, that hijack the connection, or that set Content-Length
// can be later. So [Recorder.Want] and [Recorder.Wait] wait, up to [WaitTime].
package activitytest
