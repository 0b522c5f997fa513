package outbox

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/activity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// statementsOf is a transaction that keeps what is executed.
type statementsOf struct {
	queries []string
	args    [][]any
	err     error
}

func (s *statementsOf) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	s.queries, s.args = append(s.queries, query), append(s.args, args)
	return nil, s.err
}

func TestStatements(t *testing.T) {
	a := activity.Activity{ActionType: activity.ActionRead}
	for _, tt := range []struct {
		box  *Outbox
		want []string // beginnings
	}{
		{New(PostgreSQL), []string{`INSERT INTO "activity_outbox" (event_id, record) VALUES ($1, $2)`}},
		{New(PostgreSQL, WithTable("app.box"), WithNotify("it's")), []string{`INSERT INTO "app"."box" (event_id, record) VALUES ($1, $2) RETURNING pg_notify('it''s', '')`}},
		{New(MySQL, WithTable("a`b"), WithNotify("no")), []string{"INSERT INTO `a``b` (event_id, record) VALUES (?, ?)"}},
		{New(SQLite), []string{`INSERT INTO "activity_outbox" (event_id, record) VALUES (?, ?)`}},
		{New(PostgreSQL, WithTarget("activity_log")), []string{`INSERT INTO "activity_log" (event_id, action_time, actor_id, `, `INSERT INTO "activity_outbox"`}},
		{New(MySQL, WithTargetOnly("activity_log")), []string{"INSERT INTO `activity_log` (event_id, action_time, actor_id, "}},
	} {
		tx := &statementsOf{}
		id, err := tt.box.Record(t.Context(), tx, a)
		if err != nil || id.IsZero() || len(tx.queries) != len(tt.want) {
			t.Fatalf("%v, %q", err, tx.queries)
		}
		for i, query := range tx.queries {
			if !strings.HasPrefix(query, tt.want[i]) || i == len(tx.queries)-1 && len(tx.queries) == 1 && len(tx.args[i]) == 2 && query != tt.want[i] {
				t.Errorf("got  %s\nwant %s", query, tt.want[i])
			}
			if tx.args[i][0] != id.String() {
				t.Errorf("the first value is %v, want the id", tx.args[i][0])
			}
		}
		if schema := tt.box.Schema(); !strings.HasPrefix(schema, "CREATE TABLE IF NOT EXISTS "+tt.box.text.quoted+" (") || strings.Contains(schema, ";") || strings.Contains(schema, "%!") {
			t.Errorf("schema %s", schema)
		}
	}
}

func TestErrorsOfRecord(t *testing.T) {
	away := errors.New("away")
	for want, record := range map[string]func(*Outbox) error{
		"record activity in the outbox: missing action type": func(b *Outbox) error {
			_, err := b.Record(t.Context(), &statementsOf{}, activity.Activity{})
			return err
		},
		"record activity in the outbox: must be a transaction, *sql.Tx or *sql.Conn; got *sql.DB": func(b *Outbox) error {
			_, err := b.Record(t.Context(), &sql.DB{}, activity.Activity{ActionType: activity.ActionRead})
			return err
		},
		"record activity in the outbox: write row to activity_outbox: away": func(b *Outbox) error {
			id, err := b.Record(t.Context(), &statementsOf{err: away}, activity.Activity{ActionType: activity.ActionRead})
			if !errors.Is(err, away) || !id.IsZero() {
				t.Errorf("%v, %v", id, err)
			}
			return err
		},
		"record activity in the outbox: write row to activity_outbox: no such table: activity_outbox (1); " +
			"create it by the statement of Schema": func(b *Outbox) error {
			_, err := b.Record(t.Context(), &statementsOf{err: errors.New("no such table: activity_outbox (1)")}, activity.Activity{ActionType: activity.ActionRead})
			return err
		},
	} {
		b := New(SQLite)
		if err := record(b); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if len(b.recorded) != 0 {
			t.Error("nothing was recorded, and the relay is woken")
		}
	}
}

func TestMissingTable(t *testing.T) {
	for text, want := range map[string]bool{
		"SQL logic error: no such table: activity_outbox (1)":                 true,
		`ERROR: relation "activity_outbox" does not exist (SQLSTATE 42P01)`:   true,
		`pq: relation "activity_outbox" does not exist`:                       true,
		"Error 1146 (42S02): Table 'shop.activity_outbox' doesn't exist":      true,
		`ERROR: permission denied for table activity_outbox (SQLSTATE 42501)`: false,
		`ERROR: column "record" of relation "activity_outbox" does not exist`: false,
		"Error 1049 (42000): Unknown database 'shop'":                         false,
	} {
		err := errors.New(text)
		got := hintAtSchema(err)
		if !errors.Is(got, err) || (got.Error() != text) != want {
			t.Errorf("%v, want a hint: %v", got, want)
		}
	}
}

func TestResource(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
	b := New(SQLite, WithServiceName("shop"), WithAttributes(attribute.Bool("b", true)))
	for _, want := range []string{"service.name=shop", "deployment.environment.name=test", "b=true"} {
		if !strings.Contains(b.resource.String(), want) {
			t.Errorf("%s is not in %s", want, b.resource)
		}
	}
	t.Setenv("OTEL_SERVICE_NAME", "other")
	if b := New(SQLite, WithServiceName("shop")); !strings.Contains(b.resource.String(), "service.name=other") {
		t.Errorf("resource %s", b.resource)
	}
}

// TestRowOfTheTarget is about the columns; outboxtest compares them with the exporter.
func TestRowOfTheTarget(t *testing.T) {
	b := New(SQLite, WithServiceName("shop"), WithTargetOnly("activity_log"))
	tx := &statementsOf{}
	a := activity.Activity{ID: activity.NewIDAt(someTime), ActionType: activity.ActionRead, Actor: activity.Actor{ID: strings.Repeat("ü", 256)},
		Status: "odd", Object: activity.Object{ID: strings.Repeat("x", 5000)}, UserAgent: "a\x00"}
	if _, err := b.Record(t.Context(), tx, a); err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for i, column := range targetColumns() {
		got[column] = tx.args[0][i]
	}
	for column, want := range map[string]any{
		"action_time": "2026-01-02 03:04:05.678901", "service_name": "shop", "status": "Success", "actor_id": strings.Repeat("ü", 255),
		"object_id": strings.Repeat("x", 255), "user_agent": "a\uFFFD", "actor_name": nil, "trace_id": nil, "source": "declared",
	} {
		if got[column] != want {
			t.Errorf("%s is %v, want %v", column, got[column], want)
		}
	}
	for _, want := range []string{`"activity.cut":["actor_id","object_id"]`, `"activity.repaired":["user_agent"]`, `"activity.status.original":"odd"`,
		`"activity.object.id":"5000 bytes, SHA-256 `, `"activity.actor.id":"` + strings.Repeat("ü", 256)} {
		if data, _ := got["data"].(string); !strings.Contains(data, want) {
			t.Errorf("%s is not in %s", want, data)
		}
	}
}

// Record wakes the relay, once for all that were recorded meanwhile.
func TestRecordWakes(t *testing.T) {
	b := New(SQLite)
	for range 3 {
		if _, err := b.Record(t.Context(), &statementsOf{}, activity.Activity{ActionType: activity.ActionRead}); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.recorded) != 1 {
		t.Errorf("%d signals", len(b.recorded))
	}
}
