// Package slog_test writes activities with log/slog, through OpenTelemetry's bridge and the
// real collector, and looks at the rows.
package slog_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/trace"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument/activitytest"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

var id = activity.NewID()

// logged are log records, by the name of what is special about them, and what their rows have.
// Each row has the record's name in object_id.
var logged = []struct {
	name  string
	level slog.Level
	text  string
	attrs []any
	want  rows.Row
}{
	{
		"least", slog.LevelInfo, "something was read", []any{activity.ActionTypeKey, "read"},
		rows.Row{"action_type": "Read", "status": "Success", "remarks": "something was read", "source": "declared"},
	},
	{
		"full", slog.LevelWarn, "alice failed to update invoice 9",
		[]any{
			activity.IDKey, id, activity.ActionTypeKey, activity.ActionUpdate, activity.ActionNameKey, "invoice.approve",
			activity.StatusKey, activity.StatusFailed, activity.ErrorTypeKey, "limit",
			activity.ActorIDKey, "1", activity.ActorTypeKey, activity.ActorService, activity.ActorNameKey, "alice", activity.TenantIDKey, "acme",
			activity.ObjectTypeKey, "invoice", activity.ClientAddressKey, "192.0.2.1", activity.SessionIDKey, "s",
			slog.Group(activity.DataKey, slog.Group("changes", slog.Any("state", []any{"open", nil})), slog.Int("amount", 7), slog.Any("cause", errors.New("too much"))),
		},
		rows.Row{
			"event_id": id.String(), "action_type": "Update", "action_name": "invoice.approve", "status": "Failed", "error_type": "limit",
			"actor_id": "1", "actor_type": "service", "actor_name": "alice", "tenant_id": "acme", "object_type": "invoice",
			"remarks": "alice failed to update invoice 9", "client_address": "192.0.2.1", "session_id": "s", "source": "declared",
			"data": `{"changes":{"state":["open",null]},"amount":7,"cause":"too much"}`,
		},
	},
	{
		"a map as data", slog.LevelInfo, "x", []any{activity.ActionTypeKey, activity.ActionCreate, activity.DataKey, map[string]any{"list": []string{"a"}}},
		rows.Row{"action_type": "Create", "status": "Success", "data": `{"list":["a"]}`},
	},
	{
		"an error", slog.LevelError, "no", []any{activity.ActionTypeKey, activity.ActionDelete, activity.StatusKey, "failed"},
		rows.Row{"action_type": "Delete", "status": "Failed"},
	},
}

func TestRows(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	collector := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + file})
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+collector.HTTP)
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
	exporter, err := autoexport.NewLogExporter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(exporter)))
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	write(trace.ContextWithSpanContext(t.Context(), span), otelslog.NewLogger("test", otelslog.WithLoggerProvider(provider)))
	if err := provider.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}

	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all []rows.Row
	testserver.Eventually(t, 10*time.Second, func() bool {
		all, _ = rows.Read(t.Context(), db, "sqlite") // the table may not be there yet
		return len(all) >= len(logged)
	})
	if len(all) != len(logged) {
		t.Fatalf("%d rows, want %d: %v", len(all), len(logged), all)
	}
	for _, row := range all {
		for _, l := range logged {
			if l.name == row["object_id"] {
				checkRow(t, l.name, row, l.want)
			}
		}
		if row["trace_id"] != span.TraceID().String() || row["span_id"] != span.SpanID().String() {
			t.Errorf("the row is not of the span of the context: %v", row)
		}
	}
}

// write writes all records, and one that is not an activity.
func write(ctx context.Context, logger *slog.Logger) {
	logger.InfoContext(ctx, "not an activity", "a", "b")
	for _, l := range logged {
		logger.Log(ctx, l.level, l.text, append([]any{activity.ObjectIDKey, l.name}, l.attrs...)...)
	}
}

func checkRow(t *testing.T, name string, row, want rows.Row) {
	t.Helper()
	for column, text := range want {
		if column == "data" {
			var got, wanted any
			if json.Unmarshal([]byte(row[column]), &got) != nil || json.Unmarshal([]byte(text), &wanted) != nil || !reflect.DeepEqual(got, wanted) {
				t.Errorf("%s: data is %s, want %s", name, row[column], text)
			}
			continue
		}
		if row[column] != text {
			t.Errorf("%s: %s is %q, want %q", name, column, row[column], text)
		}
	}
}

// A service's own test sees the same records.
func TestRecorder(t *testing.T) {
	rec := activitytest.NewRecorder()
	write(t.Context(), otelslog.NewLogger("test", otelslog.WithLoggerProvider(rec.LoggerProvider())))
	rec.Want(t,
		activity.Activity{Remarks: "something was read"},
		activity.Activity{
			ID: id, ActionType: activity.ActionUpdate, Status: activity.StatusFailed, Actor: activity.Actor{Type: activity.ActorService},
			Data: map[string]any{"amount": 7, "cause": "too much", "changes": map[string]any{"state": []any{"open", nil}}},
		},
		activity.Activity{Data: map[string]any{"list": []string{"a"}}},
		activity.Activity{ActionType: activity.ActionDelete},
	)
}
