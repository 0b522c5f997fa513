// Command registry is the registry of container images of the CNCF's project
// distribution, embedded, with package instrument around it. The registry keeps to
// itself whom it has accepted, so the name is taken from the request, unless the
// registry answers 401.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	"github.com/felixge/httpsnoop"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/setup"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	path := flag.String("config", "config.yaml", "the registry's configuration")
	flag.Parse()
	file, err := os.Open(*path)
	if err != nil {
		return err
	}
	defer file.Close()
	config, err := configuration.Parse(file)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	telemetry, err := setup.Start(ctx, "registry")
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr:              config.HTTP.Addr,
		ReadHeaderTimeout: time.Minute,
		Handler:           instrument.NewHandler(named(handlers.NewApp(ctx, config)), "registry", instrument.WithAnonymousFailures()),
	}
	go func() {
		<-ctx.Done()
		_ = server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return telemetry.Shutdown(context.Background())
}

// named says who made a request that the registry has not answered with 401.
func named(registry http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httpsnoop.CaptureMetrics(registry, w, r)
		if name, _, ok := r.BasicAuth(); ok && answer.Code != http.StatusUnauthorized {
			instrument.FromContext(r.Context()).SetActor(activity.Actor{ID: name, Name: name})
		}
	})
}
