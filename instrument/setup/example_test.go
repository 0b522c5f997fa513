package setup_test

import (
	"context"
	"errors"
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
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err = <-failed: // such as a port in use
	case <-ctx.Done():
	}
	if err := errors.Join(err, telemetry.Shutdown(context.Background(), server)); err != nil {
		log.Fatal(err)
	}
}
