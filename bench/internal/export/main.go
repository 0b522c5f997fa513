// Command export writes all rows of a database to a file as CSV, as the benchmarks measure
// it: by reader.Scan and encoding/csv, and nothing else.
//
//	go run ./internal/export postgres "$DSN" rows.csv
package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "export:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, driver, dsn, name string) error {
	r, err := drivers.Open(ctx, driver, dsn)
	if err != nil {
		return err
	}
	defer r.Close()
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriterSize(file, 1<<16)
	w := csv.NewWriter(buffer)
	columns := activity.Columns()
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.Name
	}
	_ = w.Write(line) // the error comes from Flush
	for row, err := range r.Scan(ctx, reader.Query{}, reader.OldestFirst) {
		if err != nil {
			return err
		}
		for i, c := range columns {
			line[i] = value(&row, c)
		}
		_ = w.Write(line)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	if err := buffer.Flush(); err != nil {
		return err
	}
	return file.Close()
}

// value is a column as text.
func value(row *reader.Row, c activity.Column) string {
	switch c.Name {
	case "event_id":
		return row.EventID.String()
	case "action_time":
		return row.ActionTime.Format(time.RFC3339Nano)
	case "recorded_at":
		return row.RecordedAt.Format(time.RFC3339Nano)
	case "data":
		return string(row.Data)
	}
	return *row.Text(c.Name)
}
