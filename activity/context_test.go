package activity_test

import (
	"context"
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestActorFromContext(t *testing.T) {
	ctx := context.Background()
	if got := activity.ActorFromContext(ctx); !got.IsZero() {
		t.Errorf("actor of an empty context: %v", got)
	}
	if got := activity.ActorFromContext(nil); !got.IsZero() { //nolint:staticcheck // a service may have none
		t.Errorf("actor without a context: %v", got)
	}
	alice := activity.Actor{ID: "42", Name: "alice", TenantID: "acme", ImpersonatorID: "7"}
	ctx = activity.ContextWithActor(ctx, alice)
	if got := activity.ActorFromContext(ctx); got != alice {
		t.Errorf("actor %v, want %v", got, alice)
	}
	if got := activity.ActorFromContext(activity.ContextWithActor(ctx, activity.Actor{})); !got.IsZero() {
		t.Errorf("nobody acts any more, but the actor is %v", got)
	}
}
