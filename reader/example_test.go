package reader_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// A service that has a connection to the database gives it to a reader.
func ExampleNew() {
	ctx := context.Background()
	var db *sql.DB // for example of sql.Open("pgx", dsn)
	r, err := reader.New(ctx, db, reader.Postgres, reader.WithTable("audit.activity_log"))
	if err != nil {
		log.Fatal(err)
	}
	page, err := r.List(ctx, reader.Query{Actor: "42", Status: activity.StatusFailed}, reader.Paging{Limit: 20})
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range page.Rows {
		fmt.Println(row.ActionTime, row.ActionName, row.ErrorType)
	}
}

// Rows are shown as they come, until the context ends.
func ExampleReader_Tail() {
	var r *reader.Reader // of New, or of package reader/drivers
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	for row, err := range r.Tail(ctx, reader.Query{ActionType: activity.ActionLoginFailed}, reader.TailOptions{}) {
		if err != nil {
			log.Print(err) // Tail tries again
			continue
		}
		fmt.Println(row.ActionTime, row.ClientAddress)
	}
}
