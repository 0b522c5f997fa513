// Package instrument records what people and machines do with a service: each
// tracked HTTP request becomes one activity, as attributes on the request's
// span and as one OpenTelemetry log record with the same activity.id. It builds
// on otelhttp, and sends through the OpenTelemetry SDK of the service.
//
// A service wraps its handler once:
//
//	handler := instrument.NewHandler(authenticate(instrument.CaptureRoute(mux)), "blog",
//		instrument.WithActor(func(r *http.Request) activity.Actor {
//			user, ok := auth.UserFrom(r.Context())
//			if !ok {
//				return activity.Actor{}
//			}
//			return activity.Actor{ID: user.ID, Name: user.Email}
//		}))
//	http.ListenAndServe(":8080", handler)
//
// If the service already uses otelhttp, put [NewMiddleware] inside its handler.
// The service needs a logger provider as well as a tracer provider, because
// spans may be sampled and log records are not. Package
// [github.com/otelactivity/activitylog/instrument/setup] sets up both.
//
// # Actors
//
// A request names its actor in one of these ways, of which the first one that
// names somebody counts:
//
//   - A handler calls [Current.SetActor].
//   - The function of [WithActor] finds what authentication has kept.
//   - Authentication puts the actor into the context, by
//     [github.com/otelactivity/activitylog/activity.ContextWithActor].
//   - Another service says for whom it calls: [WithBaggage]. It also goes before
//     an actor of type service.
//
// If a middleware passes on a new request, put [CaptureRoute] inside it: the
// activity does not know that request otherwise, nor what is in its context.
//
// # What is recorded
//
// A request is recorded if all of these hold:
//
//   - Its method has an action type: GET and HEAD are Read, POST is Create, PUT
//     and PATCH are Update, DELETE is Delete ([WithActionTypes]). A verb in the
//     route changes that: "POST /articles/{id}/delete" is Delete. POST to what exists,
//     "POST /articles/{id}", is Update.
//   - It has an actor. [WithAnonymous] and [WithAnonymousFailures] record
//     requests without one.
//   - It is not a health check, a scrape of metrics or a static file by its path
//     ([github.com/otelactivity/activitylog/activity/route.Template.IsNoise]), unless it
//     was answered with 401 or 403, a [WithRoute] matches it, or its handler sets more
//     than an actor on its [Current].
//   - It is not answered with 307 or 308 and a Location in the same service, as routers do
//     for a slash at the end: the client repeats the request there. The same exceptions hold.
//   - [WithFilter] accepts it, and its handler does not call [Current.Skip].
//
// The time is the start of the request. The status is Success below response
// code 400, else Failed with the code as error.type. A panic is recorded as
// Failed with the type of its value ("panic" for a text), and re-raised; that of
// [http.ErrAbortHandler] is "client_abort", because the client went away. The
// action name is method and route, "PUT /articles/{id}", or the verb in the
// route, "article.publish". If no route is known it is method and path, with
// "{id}" in the place of ids. Values that a handler sets on its [Current]
// override all of these.
//
// # Objects
//
// The object follows from the route: a wildcard of the pattern holds its id, and
// the literal segment before that, in the singular, is its type.
// "/api/articles/{id}" is an article, and so is "/api/articles", without
// an id. What has an id before is what the object belongs to, its
// [activity.Object.Parent]: "/posts/{id}/comments" is a comment of a post.
// Package [github.com/otelactivity/activitylog/activity/route] has all
// rules, and the Collector applies the same ones to spans. If a request without
// an id creates something and is answered with 201 (Created), the last path
// segment of the Location header is the id. If the pattern is not known, or is
// no more than a prefix of the path, the object is guessed from the path, and
// the data has [activity.GuessedKey]. [WithRoute] and [Current.SetObject]
// override all of that.
//
// The pattern is known if the router sets Pattern of the request that it is
// given, as [http.ServeMux] does, and if that request is known: see
// [CaptureRoute].
//
// # Handlers
//
// A handler adds to the activity of its request. The methods do nothing if the
// request is not recorded:
//
//	current := instrument.FromContext(r.Context())
//	current.SetAction(activity.ActionUpdate, "article.publish")
//	current.SetChange("state", "draft", "public")
//	current.SetChanges(instrument.Diff(old, article))
//
// [RecordLogin], [RecordLogout] and [RecordLoginFailed] turn the request's
// activity into a login, so that one action stays one row.
//
// [Diff] finds what differs between two values. The tags of a struct say what
// must not be in a row: `activity:"mask"`, `activity:"hash"` and `activity:"-"`.
//
// # Jobs and other services
//
// A [Recorder] records anything that is not an HTTP request, such as jobs and
// commands, and [Recorder.Do] what became of it. An [Origin] in the arguments of
// a job says who asked for it. A [Baggage] carries who acts to the next service.
//
// # Delivery
//
// Activities are log records, which the logger provider of the service sends.
// With a spool, package
// [github.com/otelactivity/activitylog/instrument/spool], they wait while the
// collector is unreachable, in memory or on disk. With [WithStrict], an answer
// does not leave before the record is on disk. Package
// [github.com/otelactivity/activitylog/instrument/outbox] records in the
// transaction of a change.
//
// # Client addresses
//
// The client address is the peer's. X-Forwarded-For is used only if the peer is
// one of [WithTrustedProxies]. It is then read from the right, as far as trusted
// proxies wrote it. [WithForwardedHeader] names another header. otelhttp always uses
// X-Forwarded-For, as semantic conventions say; on the span of a tracked request this
// package replaces that address.
//
// # Frameworks
//
// The functions of [WithActor] and [WithRemarksFunc] are called when the handler inside
// the innermost [CaptureRoute] returns, before the router uses its context again. A
// panic in one of the service's functions goes to [otel.Handle], and the request goes
// on.
//
// The folders beside this package have adapters for chi, Connect, Echo 4 and 5, Fiber 2 and 3,
// Gin, gorilla/mux, gqlgen and gRPC. They know the routes of their framework. Without one:
// Echo writes the answer to an error after its middlewares have returned. Inside
// echo.WrapMiddleware, the activity is recorded when that answer is written. Fiber's
// adaptor for middlewares runs the handler after the middleware: such requests are not
// recorded, and [otel.Handle] gets an error.
//
// gRPC, gRPC-Web and the streams of Connect answer with 200 in any case. Their own status
// decides then, and is the error type: "PERMISSION_DENIED".
//
// # Long requests
//
// An activity is recorded when its request ends. Of a stream or a websocket,
// [Current.RecordNow] records it at once.
//
// # Tests
//
// Package [github.com/otelactivity/activitylog/instrument/activitytest] shows a
// test what a service records.
package instrument
