package outboxtest

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument/outbox"
)

func attributeOf(r *sdklog.Record, key string) (text string) {
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		if string(kv.Key) == key {
			text = kv.Value.AsString()
		}
		return true
	})
	return text
}

// Only what was committed is sent, whichever kind of transaction it was recorded in.
func testTransactions(t *testing.T, d database) {
	db, ctx := d.open(t), t.Context()
	box := outbox.New(d.dialect, outbox.WithServiceName("shop"))
	exec(t, db, box.Schema())
	exec(t, db, box.Schema()) // may run again

	var want []string
	keep := func(id activity.ID, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, id.String())
	}
	for _, commit := range []bool{true, false, true} {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		id, err := box.Record(ctx, tx, update("sql.Tx"))
		if end := tx.Rollback; !commit {
			if err != nil || end() != nil {
				t.Fatal(err)
			}
			continue
		}
		keep(id, err)
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}

	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, end := range []string{"ROLLBACK", "COMMIT"} {
		mustConn(t, conn, "BEGIN")
		id, err := box.Record(ctx, conn, update("sql.Conn"))
		mustConn(t, conn, end)
		if end == "COMMIT" {
			keep(id, err)
		}
	}
	if d.dialect == outbox.PostgreSQL {
		keep(recordByPgx(t, d.dsn, box))
	}

	e := &exporter{}
	if err := outbox.NewRelay(box, db, e).Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if got := e.got(activity.IDKey); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if s := waiting(t, db, box); s.Waiting != 0 {
		t.Errorf("%d rows are left", s.Waiting)
	}
}

func mustConn(t *testing.T, conn *sql.Conn, query string) {
	t.Helper()
	if _, err := conn.ExecContext(context.Background(), query); err != nil {
		t.Fatal(err)
	}
}

// recordByPgx records in a transaction of pgx, and in another one that is rolled back.
func recordByPgx(t *testing.T, dsn string, box *outbox.Outbox) (activity.ID, error) {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	undone, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := box.Record(ctx, outbox.Pgx(undone), update("rolled back")); err != nil {
		t.Fatal(err)
	}
	if err := undone.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	id, err := box.Record(ctx, outbox.Pgx(tx), update("pgx.Tx"))
	if err != nil {
		return id, err
	}
	return id, tx.Commit(ctx)
}

func testRecordErrors(t *testing.T, d database) {
	db := d.open(t)
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	if _, err := box.Record(t.Context(), db, update("1")); err == nil || !strings.Contains(err.Error(), "got *sql.DB") {
		t.Errorf("no transaction: %v", err)
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := box.Record(t.Context(), tx, activity.Activity{}); err == nil || !strings.Contains(err.Error(), "missing action type") {
		t.Errorf("no action type: %v", err)
	}
	missing := outbox.New(d.dialect, outbox.WithTable("not_there"))
	if _, err := missing.Record(t.Context(), tx, update("1")); err == nil || !strings.Contains(err.Error(), "write row to not_there") {
		t.Errorf("no table: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if s := waiting(t, db, box); s.Waiting != 0 {
		t.Errorf("%d rows", s.Waiting)
	}
}
