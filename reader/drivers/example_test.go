package drivers_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/otelactivity/activitylog/internal/schematest"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

func Example() {
	ctx := context.Background()
	r, err := drivers.Open(ctx, "sqlite", exampleFile())
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	page, err := r.List(ctx, reader.Query{Actor: "42"}, reader.Paging{Limit: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range page.Rows {
		fmt.Println(row.ActionTime.Format(time.DateTime), row.Remarks)
	}
	// The rest begins where this page ends, whatever was written in the meantime.
	page, err = r.List(ctx, reader.Query{Actor: "42"}, reader.Paging{Limit: 2, Cursor: page.Next})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Rows), "more")

	// Output:
	// 2026-11-02 09:00:00 alice updated article 17
	// 2026-11-02 08:00:00 alice read article 17
	// 1 more
}

func ExampleOpen_history() {
	ctx := context.Background()
	r, err := drivers.Open(ctx, "sqlite", exampleFile())
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	acts, err := r.History(ctx, reader.Object{Type: "article", ID: "17"}, reader.HistoryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, act := range acts.Acts {
		fmt.Println(act.ActorName, act.ActionType)
		for _, change := range act.Changes {
			fmt.Printf("  %s: %s to %s\n", change.Field, change.Before, change.After)
		}
	}

	// Output:
	// alice Update
	//   title: "Old title" to "New title"
	// alice Read
	// alice Read
}

func ExampleOpen_count() {
	ctx := context.Background()
	r, err := drivers.Open(ctx, "sqlite", exampleFile())
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	counts, err := r.Count(ctx, reader.Query{}, reader.By{Interval: reader.Day, Columns: []string{"action_type"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, group := range counts.Groups {
		fmt.Println(group.Time.Format(time.DateOnly), group.Values[0], group.Rows)
	}

	// Output:
	// 2026-11-01 Read 1
	// 2026-11-02 Read 1
	// 2026-11-02 Update 1
}

// exampleFile returns the name of a file with three rows.
func exampleFile() string {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(dir, "activity.db")
	writer, err := create(path)
	if err != nil {
		log.Fatal(err)
	}
	defer writer.Close()
	db := &database{driver: "sqlite", table: "activity_log", writer: writer}
	at := time.Date(2026, 11, 1, 23, 30, 0, 0, time.UTC)
	var rows []reader.Row
	for i, text := range []string{"read", "read", "updated"} {
		r := row(map[int]time.Time{0: at, 1: at.Add(8*time.Hour + 30*time.Minute), 2: at.Add(9*time.Hour + 30*time.Minute)}[i])
		r.ActorID, r.ActorName, r.ObjectType, r.ObjectID, r.Remarks = "42", "alice", "article", "17", "alice "+text+" article 17"
		if text == "updated" {
			r.ActionType, r.Data = "Update", []byte(`{"changes": {"title": ["Old title", "New title"]}}`)
		}
		rows = append(rows, r)
	}
	if err := db.insert(context.Background(), rows); err != nil {
		log.Fatal(err)
	}
	return path
}

// create creates an SQLite file with the exporter's tables.
func create(path string) (*sql.DB, error) {
	writer, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	return writer, schematest.Create(context.Background(), writer, "sqlite")
}
