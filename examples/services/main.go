// Command services shows two services whose rows name the same person: a shop, which knows its
// users, and a stock, which only the shop calls. Who acts goes from one to the other in signed
// baggage.
//
//	go run ./services
//	curl -u carol:secret -X POST http://127.0.0.1:8080/orders
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/setup"
)

func main() {
	shopAddr := flag.String("shop", "127.0.0.1:8080", "`address` of the shop")
	stockAddr := flag.String("stock", "127.0.0.1:8081", "`address` of the stock")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *shopAddr, *stockAddr); err != nil {
		log.Fatal(err)
	}
}

// key is the secret that both services have. Real ones read it from where their secrets are.
var key = []byte("0123456789abcdef0123456789abcdef")

// run serves both until ctx ends. Two services would be two programs.
func run(ctx context.Context, shopAddr, stockAddr string) error {
	telemetry, err := setup.Start(ctx, "shop-and-stock")
	if err != nil {
		return err
	}
	defer func() { _ = telemetry.Shutdown(context.WithoutCancel(ctx)) }()
	listen := net.ListenConfig{}
	shopListener, err := listen.Listen(ctx, "tcp", shopAddr)
	if err != nil {
		return err
	}
	defer shopListener.Close()
	stockListener, err := listen.Listen(ctx, "tcp", stockAddr)
	if err != nil {
		return err
	}
	shop := &http.Server{Handler: newShop("http://" + stockListener.Addr().String()), ReadHeaderTimeout: time.Second}
	stock := &http.Server{Handler: newStock(), ReadHeaderTimeout: time.Second}
	failed := make(chan error, 2)
	go func() { failed <- shop.Serve(shopListener) }()
	go func() { failed <- stock.Serve(stockListener) }()
	fmt.Printf("the shop listens on http://%s\n", shopListener.Addr())
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, shop.Shutdown(end), stock.Shutdown(end))
}

// newShop returns the shop, which takes orders and reserves what was ordered.
func newShop(stock string) http.Handler {
	// The transport sends the trace, and who acts in the context of the request.
	client := &http.Client{Transport: instrument.Baggage{Key: key}.Transport(nil)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		out, err := http.NewRequestWithContext(r.Context(), http.MethodPut, stock+"/reservations/17", nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		res, err := client.Do(out)
		if err != nil {
			http.Error(w, "the stock does not answer", http.StatusBadGateway)
			return
		}
		_ = res.Body.Close()
		w.WriteHeader(res.StatusCode)
	})
	return instrument.NewHandler(authenticate(instrument.CaptureRoute(mux)), "shop")
}

// authenticate stands for the authentication of a real service, which checks the password.
func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, ok := r.BasicAuth()
		if !ok {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		ctx := activity.ContextWithActor(r.Context(), activity.Actor{ID: name, Name: name})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// newStock returns the stock. It has no users: whoever signs with the key says for whom it
// calls.
func newStock() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /reservations/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	return instrument.NewHandler(mux, "stock", instrument.WithBaggage(instrument.Baggage{Key: key}))
}
