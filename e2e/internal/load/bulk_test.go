package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/otelactivity/activitylog/activity"
)

// TestRetryAfter reads the time to wait of answers by HTTP and by gRPC.
func TestRetryAfter(t *testing.T) {
	told, err := status.New(codes.Unavailable, "busy").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range map[time.Duration]error{
		0:                       errors.Join(status.Error(codes.Unavailable, "away")),
		1500 * time.Millisecond: Permanent(told.Err()),
		7 * time.Second:         Permanent(&StatusError{Code: 503, RetryAfter: 7 * time.Second}),
	} {
		if got := RetryAfter(err); got != want {
			t.Errorf("%v: got %v, want %v", err, got, want)
		}
	}
}

// TestBulk sends to a function that writes rows, well or not, and checks what the comparison finds.
func TestBulk(t *testing.T) {
	const records, request = 60, 10
	for name, tt := range map[string]struct {
		send func(insert func(*collectlogs.ExportLogsServiceRequest)) Send
		want Result
	}{
		"well": {func(insert func(*collectlogs.ExportLogsServiceRequest)) Send {
			return func(_ context.Context, r *collectlogs.ExportLogsServiceRequest) error { insert(r); return nil }
		}, Result{Acknowledged: records, Rows: records, Distinct: records}},
		"the first answers are refusals": {func(insert func(*collectlogs.ExportLogsServiceRequest)) Send {
			var n atomic.Int64
			return func(_ context.Context, r *collectlogs.ExportLogsServiceRequest) error {
				if n.Add(1) <= 2 {
					return errors.New("503")
				}
				insert(r)
				return nil
			}
		}, Result{Acknowledged: records, Rows: records, Distinct: records}},
		"twice, with one id": {func(insert func(*collectlogs.ExportLogsServiceRequest)) Send {
			return func(_ context.Context, r *collectlogs.ExportLogsServiceRequest) error {
				insert(r)
				insert(r)
				return nil
			}
		}, Result{Acknowledged: records, Rows: 2 * records, Distinct: records, Doubled: records}},
		"rows without an acknowledgement": {func(insert func(*collectlogs.ExportLogsServiceRequest)) Send {
			return func(_ context.Context, r *collectlogs.ExportLogsServiceRequest) error {
				insert(r)
				return Permanent(errors.New("400"))
			}
		}, Result{Rows: records, Distinct: records}},
	} {
		t.Run(name, func(t *testing.T) {
			db := Open(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "activity.db"))
			db.SetMaxOpenConns(1)
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE activity_log (event_id TEXT, object_id TEXT)"); err != nil {
				t.Fatal(err)
			}
			b := &Bulk{Records: records, Request: request, Senders: 2, Send: tt.send(func(r *collectlogs.ExportLogsServiceRequest) { insert(t, db, r) })}
			b.Start()
			got := b.Compare(t, db)
			got.Complete = tt.want.Complete
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestBulkLost checks that a record without a row is found. It does not wait for it.
func TestBulkLost(t *testing.T) {
	db := Open(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "activity.db"))
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE activity_log (event_id TEXT, object_id TEXT)"); err != nil {
		t.Fatal(err)
	}
	b := &Bulk{Records: 20, Request: 10, Senders: 1, Send: func(context.Context, *collectlogs.ExportLogsServiceRequest) error { return nil }}
	b.Start()
	b.Wait()
	insert(t, db, BulkRequest(5, 3))
	if got := b.compare(t, db); got.Lost != 17 || got.Rows != 3 || got.Acknowledged != 20 {
		t.Errorf("got %+v, want 17 of 20 lost", got)
	}
}

// TestBulkRefused checks that records which nobody acknowledged fail a test.
func TestBulkRefused(t *testing.T) {
	db := Open(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "activity.db"))
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE activity_log (event_id TEXT, object_id TEXT)"); err != nil {
		t.Fatal(err)
	}
	b := &Bulk{Records: 20, Request: 10, Senders: 1, Send: func(context.Context, *collectlogs.ExportLogsServiceRequest) error {
		return Permanent(errors.New("400"))
	}}
	b.Start()
	failed := &failures{TB: t}
	b.Expect(failed, db)
	if want := []string{"of 20 records, 0 were acknowledged; the last other answer: 400"}; !slices.Equal(failed.all, want) {
		t.Errorf("got %q, want %q", failed.all, want)
	}
}

// failures is a test that goes on when it fails.
type failures struct {
	testing.TB
	all []string
}

func (f *failures) Errorf(format string, args ...any) {
	f.all = append(f.all, fmt.Sprintf(format, args...))
}

func insert(t *testing.T, db *sql.DB, r *collectlogs.ExportLogsServiceRequest) {
	t.Helper()
	for _, record := range r.GetResourceLogs()[0].GetScopeLogs()[0].GetLogRecords() {
		if _, err := db.ExecContext(t.Context(), "INSERT INTO activity_log VALUES (?, ?)", text(record, activity.IDKey), text(record, activity.ObjectIDKey)); err != nil {
			t.Error(err)
		}
	}
}

// text returns the value of an attribute.
func text(record *logs.LogRecord, key string) string {
	for _, a := range record.GetAttributes() {
		if a.GetKey() == key {
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}

// TestBulkOthers checks that rows of others are left out, and that the numbers begin where they
// are to begin.
func TestBulkOthers(t *testing.T) {
	db := Open(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "activity.db"))
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE activity_log (event_id TEXT, object_id TEXT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO activity_log VALUES ('other', NULL), ('another', '7')"); err != nil {
		t.Fatal(err)
	}
	insert(t, db, BulkRequest(100, 20))
	b := &Bulk{Records: 20, Request: 10, Senders: 1, First: 100, Others: map[string]bool{"other": true, "another": true},
		Send: func(context.Context, *collectlogs.ExportLogsServiceRequest) error { return nil }}
	b.Start()
	got := b.Compare(t, db)
	got.Complete = time.Time{}
	if want := (Result{Acknowledged: 20, Rows: 20, Distinct: 20}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
