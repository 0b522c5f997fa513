package instrument_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// objectPrinter prints the objects of each activity.
type objectPrinter struct{ printer }

func (objectPrinter) OnEmit(_ context.Context, r *sdklog.Record) error {
	a := recordMap(r)
	text := fmt.Sprintln(a[activity.ActionTypeKey], a[activity.ObjectTypeKey], a[activity.ObjectIDKey], a[activity.DataKey])
	if a[activity.BatchIDKey] != "" {
		text = strings.TrimSpace(text) + ", of a batch\n"
	}
	fmt.Print(text)
	return nil
}

// A merge is one act on two objects: the one that is left, and the one that went into it.
func ExampleCurrent_AddObject() {
	merge := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		current := instrument.FromContext(r.Context())
		current.SetActor(activity.Actor{ID: "42", Name: "alice"})
		current.SetAction(activity.ActionUpdate, "article.merge")
		current.SetObject(activity.Object{Type: "article", ID: "17"})
		current.AddObject(activity.Object{Type: "article", ID: "18", Name: "Tea"})
	})
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(objectPrinter{}))
	get(instrument.NewHandler(merge, "blog", instrument.WithLoggerProvider(lp)), "/merge")
	// Output:
	// Update article 17 {"objects":[{"id":"18","name":"Tea","type":"article"}]}
}

// Each article of a clean-up is an activity of its own, and all of them have one batch id.
func ExampleBatch() {
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(objectPrinter{}))
	recorder := instrument.NewRecorder(instrument.WithLoggerProvider(lp))
	cleanUp := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ids := []string{"1", "2"}
		ctx := instrument.Batch(r.Context())
		for _, id := range ids {
			recorder.Record(ctx, activity.Activity{ActionType: activity.ActionDelete, Object: activity.Object{Type: "article", ID: id}})
		}
		instrument.FromContext(ctx).Skip()
	})
	get(instrument.NewHandler(cleanUp, "blog", instrument.WithLoggerProvider(lp)), "/clean-up")
	// Output:
	// Delete article 1, of a batch
	// Delete article 2, of a batch
}
