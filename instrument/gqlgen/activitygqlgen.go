// Package activitygqlgen records the operations of a GraphQL server of gqlgen as activities, as
// package instrument does for HTTP requests: each root field of a mutation, a query or a
// subscription is one. The server belongs inside [instrument.NewHandler] or an adapter for
// another framework, with the same options:
//
//	server := handler.New(NewExecutableSchema(Config{Resolvers: resolvers}))
//	server.Use(activitygqlgen.New(opts...))
//	mux.Handle("/graphql", authenticate(server))
//	http.ListenAndServe(":8080", instrument.NewHandler(mux, "blog", opts...))
//
// What a field does to which object follows from its name: deleteArticle deletes an article.
// Package [github.com/otelactivity/activitylog/activity/procedure] has the rules, which the
// Collector applies to spans as well. The id of the object is the argument id;
// [instrument.WithCallObject] finds it elsewhere. Its function gets the name
// "mutation deleteArticle" and the arguments as a map[string]any. A mutation called login or
// logout is one.
//
// A resolver adds to the activity of its field:
//
//	instrument.FromContext(ctx).SetChange("title", old, title)
//
// The actor is that of activity.ContextWithActor, or else that of the request. The client
// address, the user agent and the session are those of the request. Without a handler around
// the server there is no client address.
//
// A field has failed if the response has an error with its path. The error type is the code in
// the extensions of the error, such as "FORBIDDEN", or else the type of the error that the
// resolver returned. An error of a field inside it, such as the author of an article that was
// created, does not change what was done.
//
// The request of an operation is no activity. Nor are introspection, and events of a
// subscription. A document that is invalid is left to the handler around the server.
package activitygqlgen

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/otelactivity/activitylog/instrument"
)

// New returns an extension for a server of gqlgen. It takes the options of
// [instrument.NewMiddleware]. Their functions get the request; without a handler around the
// server, they get a POST request with its header.
func New(opts ...instrument.Option) graphql.HandlerExtension {
	return &extension{instrument.NewTracker(opts...)}
}

type extension struct{ tracker *instrument.Tracker }

var _ interface {
	graphql.HandlerExtension
	graphql.OperationInterceptor
	graphql.RootFieldInterceptor
	graphql.FieldInterceptor
} = (*extension)(nil)

// ExtensionName implements [graphql.HandlerExtension].
func (*extension) ExtensionName() string { return "ActivityLog" }

// Validate implements [graphql.HandlerExtension].
func (*extension) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation implements [graphql.OperationInterceptor].
func (x *extension) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	x.tracker.Split(ctx)
	return next(ctx)
}

// InterceptRootField implements [graphql.RootFieldInterceptor]. gqlgen does not call it for
// subscriptions.
func (x *extension) InterceptRootField(ctx context.Context, next graphql.RootResolver) (data graphql.Marshaler) {
	field := graphql.GetRootFieldContext(ctx).Field
	if isIntrospection(field) {
		return next(ctx)
	}
	ctx, call := x.start(ctx, field)
	found := &resolved{}
	ctx = context.WithValue(ctx, resolvedKey{}, found)
	returned := false
	defer func() {
		a := instrument.Answer{Panicked: !returned || found.panicked}
		if returned {
			fail(&a, found, errorAt(graphql.GetErrors(ctx), field.Alias, found))
		}
		call.End(a)
	}()
	data = next(ctx)
	returned = true
	return data
}

// resolved is what became of the resolver of a root field.
type resolved struct {
	done     bool  // it has returned
	panicked bool  // gqlgen answers that with an error
	err      error // as the resolver returned it
}

type resolvedKey struct{}

// InterceptField implements [graphql.FieldInterceptor].
func (x *extension) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	parent := graphql.GetFieldContext(ctx).Parent
	if parent == nil || parent.Parent != nil || parent.Field.Field != nil {
		return next(ctx) // not a root field
	}
	if found, ok := ctx.Value(resolvedKey{}).(*resolved); ok {
		return found.observe(ctx, next)
	}
	field := graphql.GetFieldContext(ctx).Field
	if operation := graphql.GetOperationContext(ctx).Operation; operation.Operation != ast.Subscription || isIntrospection(field) {
		return next(ctx)
	}
	ctx, call := x.start(ctx, field)
	found := &resolved{}
	defer func() {
		a := instrument.Answer{Panicked: found.panicked}
		fail(&a, found, nil)
		call.End(a)
	}()
	return found.observe(ctx, next)
}

// observe calls the resolver.
func (found *resolved) observe(ctx context.Context, next graphql.Resolver) (any, error) {
	found.panicked = true
	value, err := next(ctx)
	found.done, found.panicked, found.err = true, false, err
	return value, err
}

// start begins the activity of a field.
func (x *extension) start(ctx context.Context, field graphql.CollectedField) (context.Context, instrument.Call) {
	operation := graphql.GetOperationContext(ctx)
	part := partOf(string(operation.Operation.Operation), field.Name, field.ArgumentMap(operation.Variables))
	part.Header = operation.Headers
	return x.tracker.StartPart(ctx, part)
}

// isIntrospection reports whether a program asks for the schema.
func isIntrospection(field graphql.CollectedField) bool {
	return strings.HasPrefix(field.Name, "__")
}
