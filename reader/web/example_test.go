package web_test

import (
	"context"
	"database/sql"
	"log"
	"net/http"

	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/web"
)

// A service shows the log to its auditors, below a prefix and behind its own login.
func Example() {
	var db *sql.DB // for example of sql.Open("pgx", dsn)
	r, err := reader.New(context.Background(), db, reader.Postgres)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	if err := mount(mux, r); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8090", mux))
}

func mount(mux *http.ServeMux, r *reader.Reader) error {
	page, err := web.NewHandler(r, web.WithTraceURL("http://localhost:16686/trace/{trace_id}"))
	if err != nil {
		return err
	}
	mux.Handle("/audit/", onlyAuditors(http.StripPrefix("/audit", page)))
	return nil
}

// onlyAuditors stands for the login of the service.
func onlyAuditors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "…" {
			http.Error(w, "for auditors only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
