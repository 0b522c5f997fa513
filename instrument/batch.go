package instrument

import (
	"context"

	"github.com/otelactivity/activitylog/activity"
)

type batchKey struct{}

// Batch returns a copy of ctx for many acts that belong together, such as those of an import:
// all activities that a [Recorder] records with it share a new batch id,
// [activity.BatchIDKey]. A context that belongs to a batch already is returned as it is, so
// that what is called within a batch cannot leave it.
//
//	ctx = instrument.Batch(ctx)
//	for _, article := range articles {
//		recorder.Record(ctx, activity.Activity{ActionType: activity.ActionDelete, Object: article.Object()})
//	}
//
// The activity of a request is a part of the batch only if [Current.SetBatch] says so.
func Batch(ctx context.Context) context.Context {
	if !BatchID(ctx).IsZero() {
		return ctx
	}
	return context.WithValue(ctx, batchKey{}, activity.NewID())
}

// BatchID returns the id of the batch that ctx belongs to, the zero ID if to none. Its time
// is not after those of the activities of the batch.
func BatchID(ctx context.Context) activity.ID {
	if ctx == nil {
		return activity.ID{}
	}
	id, _ := ctx.Value(batchKey{}).(activity.ID)
	return id
}

// SetBatch makes the activity of the request a part of a batch: that of [BatchID], or one of
// which the service has kept the id. The zero ID takes it out again.
func (c *Current) SetBatch(id activity.ID) {
	c.set(func(a *activity.Activity) { a.BatchID = id })
}
