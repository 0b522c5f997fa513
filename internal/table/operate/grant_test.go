package operate_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// listening is a [store.Observer] that keeps what is noted.
type listening struct {
	silent
	mu    sync.Mutex
	notes []string
}

func (l *listening) Noted(_ context.Context, message string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		message += ": " + err.Error()
	}
	l.notes = append(l.notes, message)
}

func (l *listening) Unsupported(ctx context.Context, err error) { l.Noted(ctx, "unsupported", err) }

// grantedCollector runs an exporter with create_schema: false as an account with the
// rights that are printed, and nothing is missing: it loads, finds rows that are there,
// compares them, and writes dead letters.
func grantedCollector(t *testing.T, db *database) {
	name := newName()
	account, dsn := name, strings.Replace(db.dsn, "activity:", name+":", 1)
	switch db.driver {
	case "postgres":
		db.created(t)
		db.exec(t, "CREATE ROLE "+name+" LOGIN PASSWORD '"+db.password+"'")
	case "mariadb":
		db.created(t)
		account += "@127.0.0.1"
		db.exec(t, "CREATE USER "+name+"@'127.0.0.1' IDENTIFIED BY '"+db.password+"'")
	default:
		return // no accounts, or none that a test can create
	}
	grants, err := operate.Grants(db.config(), "collector", account)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range grants {
		db.exec(t, statement)
	}
	noted := &listening{}
	s, err := store.Open(store.Config{Dialect: db.dialect, DSN: dsn, Table: "activity_log"}, noted)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	write := func(rows ...row.Row) {
		t.Helper()
		if err := s.Write(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	}
	rows := makeRows(20)
	forged, same := rows[3], rows[4]
	forged.Text[row.ActorID] = "mallory"
	write(rows[:10]...)
	write(rows...)
	db.count(t, 20, 0)
	write(forged, same)
	db.count(t, 20, 1)
	db.exec(t, db.refuse)
	bad := makeRows(2)
	bad[0].Text[row.ActorID] = "refused"
	write(bad...)
	db.count(t, 21, 2)
	if len(noted.notes) > 0 {
		t.Errorf("the exporter notes %q", noted.notes)
	}
	other := (&server{driver: db.driver, dialect: db.dialect, create: func(*testing.T) string { return dsn }}).open(t)
	for _, statement := range []string{"UPDATE activity_log SET actor_id = 'x'", "DELETE FROM activity_log", "SELECT remarks FROM activity_log", "DELETE FROM activity_log_dead_letter"} {
		if _, err := other.sql.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("a collector may run %s", statement)
		}
	}
}
