package setup_test

import (
	"context"
	"log"
	"net/http"
	"os"
	"os/signal"

	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/setup"
)

// A service starts its telemetry first. At its end it stops the server and sends what is left.
func ExampleStart() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	telemetry, err := setup.Start(ctx, "shop")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: "127.0.0.1:8090", Handler: instrument.NewHandler(http.NewServeMux(), "shop")}
	go func() { log.Print(server.ListenAndServe()) }()
	<-ctx.Done()
	if err := telemetry.Shutdown(context.Background(), server); err != nil {
		log.Print(err)
	}
}
