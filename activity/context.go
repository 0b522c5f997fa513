package activity

import "context"

type actorKey struct{}

// ContextWithActor returns a copy of ctx that says who acts in it. The authentication of a
// service calls it once, and what runs with that context records its activities as theirs:
// package instrument reads the actor of requests, jobs and calls from it.
func ContextWithActor(ctx context.Context, actor Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// ActorFromContext returns the actor of ctx, the zero Actor if it has none.
func ActorFromContext(ctx context.Context) Actor {
	if ctx == nil {
		return Actor{}
	}
	actor, _ := ctx.Value(actorKey{}).(Actor)
	return actor
}
