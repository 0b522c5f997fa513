// Package instrument records what people and machines do with a service: each
// tracked HTTP request becomes one activity, as attributes on the request's
// span and one OpenTelemetry log record with the same activity.id. It stands
// on otelhttp, and sends through the OpenTelemetry SDK that the service has.
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
// A service that has an otelhttp handler already puts [NewMiddleware] inside
// it. Log records are the carrier to rely on, since spans are sampled: the
// service needs a logger provider as well as a tracer provider.
//
// # What is recorded
//
//   - Requests whose method has an action type: GET and HEAD are Read, POST
//     Create, PUT and PATCH Update, DELETE Delete ([WithActionTypes]).
//   - Those with an actor: [Current.SetActor] or [WithActor]. Others are left
//     out unless [WithAnonymous] or [WithAnonymousFailures] says otherwise.
//   - Those that [WithFilter] passes and whose handler does not [Current.Skip].
//
// The time is when the request came in. The status is Success below response
// code 400, else Failed with the code as error.type; a panic is Failed with
// the type of its value ("panic" for a text), and goes on as it was. The action
// name is method and route, "PUT /articles/{id}", or method and path where no
// route is known. What a handler sets on its [Current] comes before all that.
//
// # Objects
//
// The object follows from the route: the last wildcard of the pattern holds
// its id, and the last literal segment before that, in the singular, is its
// type. "/api/articles/{id}" is an article, and so is "/api/articles", without
// an id. Package [github.com/otelactivity/activitylog/activity/route] has all
// rules, and the Collector applies the same ones to spans. When a request
// without an id is answered with 201 (Created), the last path segment of the
// Location header is the id. [WithObject] and [Current.SetObject] override the
// object. A pattern is known where the router sets the field Pattern of the
// request that it is given, as [http.ServeMux] does, and where that request is
// known: see [CaptureRoute].
//
// # Handlers
//
// A handler adds to the activity of its request, and needs no check for one:
//
//	current := instrument.FromContext(r.Context())
//	current.SetAction(activity.ActionUpdate, "article.publish")
//	current.SetChange("state", "draft", "public")
//
// [RecordLogin], [RecordLogout] and [RecordLoginFailed] turn the request's
// activity into a login, so that one act stays one row. A [Recorder] records
// what is no request: jobs and command lines.
//
// # Client addresses
//
// The client address is the peer's. X-Forwarded-For is read only when the peer
// is one of [WithTrustedProxies], and then from the right, as far as trusted
// proxies wrote it. otelhttp believes the header, as semantic conventions have
// it; on the span of a tracked request this package puts its own finding in
// place of that.
package instrument
