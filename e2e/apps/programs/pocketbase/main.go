// Command pocketbase is PocketBase with otelhttp around it, as a team that embeds it
// would write it: nothing of activitylog, and two hooks that name the user.
package main

import (
	"context"
	"log"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/instrument/setup"
)

func main() {
	ctx := context.Background()
	telemetry, err := setup.Start(ctx, "pocketbase")
	if err != nil {
		log.Fatal(err)
	}
	app := pocketbase.New()
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.BindFunc(func(e *core.RequestEvent) error {
			err := e.Next()
			name(e.Request.Context(), e.Auth)
			return err
		})
		if err := e.Next(); err != nil { // builds the handler
			return err
		}
		e.Server.Handler = otelhttp.NewHandler(e.Server.Handler, "pocketbase")
		return nil
	})
	app.OnRecordAuthRequest().BindFunc(func(e *core.RecordAuthRequestEvent) error {
		name(e.Request.Context(), e.Record) // a login
		return e.Next()
	})
	err = app.Start()
	if stopped := telemetry.Shutdown(ctx); err == nil {
		err = stopped
	}
	if err != nil {
		log.Fatal(err)
	}
}

// name says on the request's span who made it.
func name(ctx context.Context, user *core.Record) {
	if user != nil {
		trace.SpanFromContext(ctx).SetAttributes(attribute.String("user.id", user.Id), attribute.String("user.name", user.Email()))
	}
}
