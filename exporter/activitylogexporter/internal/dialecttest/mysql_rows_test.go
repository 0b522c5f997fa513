package dialecttest_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
)

// observed counts what a store reports.
type observed struct {
	local, mayLoad     bool // rows are loaded; or would be, if the server allowed it
	written, duplicate int
	deadLettered       []string // codes
	unsupported        []error
}

func (o *observed) Wrote(_ context.Context, written, duplicate int, _ time.Duration) {
	o.written += written
	o.duplicate += duplicate
}

func (o *observed) DeadLettered(_ context.Context, refused []store.Rejection) {
	for _, r := range refused {
		o.deadLettered = append(o.deadLettered, r.Code)
	}
}

func (*observed) Conflicting(context.Context, []*row.Row) {}

func (*observed) Did(context.Context, string) {}

func (*observed) Noted(context.Context, string, error) {}

func (o *observed) Unsupported(_ context.Context, reason error) {
	o.unsupported = append(o.unsupported, reason)
}

func (*observed) Accepted(context.Context, int, time.Duration) {}

func (*observed) Expired(context.Context, int) {}

func (*observed) Dropped(context.Context, string) {}

// mysqlCase is a rule of this dialect alone, on a table that is empty.
type mysqlCase func(t *testing.T, s *store.Store, db *sql.DB, seen *observed)

// TestMySQLRows runs each case by each of the ways that rows take.
func TestMySQLRows(t *testing.T) {
	t.Parallel()
	local, none := mariatest.Start(t, "--sql-mode="), mariatest.Start(t, "--local-infile=0")
	for name, run := range map[string]mysqlCase{
		"a missing LOCAL is logged once":       mysqlLogsOnce,
		"no value is truncated":                mysqlCutsNothing,
		"each character is kept":               mysqlKeepsEachCharacter,
		"text is compared exactly":             mysqlComparesExactly,
		"a unique index of the user's refuses": mysqlOwnUniqueIndex,
		"a row beyond the packet":              mysqlBeyondThePacket,
	} {
		for _, way := range []struct {
			name       string
			server     *mariatest.Server
			insertOnly bool
		}{{"load", local, false}, {"insert", local, true}, {"without local", none, false}} {
			t.Run(name+"/"+way.name, func(t *testing.T) {
				dsn := mysqlHarness(way.server).New(t)
				seen := &observed{local: !way.insertOnly && way.server == local, mayLoad: !way.insertOnly}
				s, err := store.Open(store.Config{Dialect: dialect.MySQL{}, DSN: dsn, Table: "activity_log", CreateSchema: true,
					InsertOnly: way.insertOnly}, seen)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				db, err := sql.Open("mysql", dsn)
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				if err := s.Prepare(t.Context()); err != nil {
					t.Fatal(err)
				}
				run(t, s, db, seen)
			})
		}
	}
}

func mysqlText(t *testing.T, db *sql.DB, query string, args ...any) string {
	t.Helper()
	var text sql.NullString
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text.String
}

func mysqlLogsOnce(t *testing.T, s *store.Store, _ *sql.DB, seen *observed) {
	for range 3 {
		if err := s.Write(t.Context(), dialecttest.Rows(10)); err != nil {
			t.Fatal(err)
		}
	}
	want := 0
	if seen.mayLoad && !seen.local {
		want = 1
	}
	if len(seen.unsupported) != want || seen.written != 30 {
		t.Errorf("%d rows written, reported %v; want 30 and %d reports", seen.written, seen.unsupported, want)
	}
}

// A first start that was killed between two statements is made good by the next:
// the server commits each CREATE TABLE at once.
func TestMySQLSchemaHalfMade(t *testing.T) {
	t.Parallel()
	h := mysqlHarness(mariatest.Start(t))
	for name, statement := range map[string]string{
		"before the first version":  "DELETE FROM activity_log_schema",
		"before the second version": "DELETE FROM activity_log_schema WHERE version_id > 0",
		"the first version twice":   "INSERT INTO activity_log_schema (version_id, is_applied) VALUES (0, TRUE)",
		"between the tables":        "DELETE FROM activity_log_schema WHERE version_id > 0; DROP TABLE activity_log_dead_letter",
	} {
		t.Run(name, func(t *testing.T) {
			dsn := h.New(t)
			for range 2 {
				s, err := store.Open(store.Config{Dialect: h.Dialect, DSN: dsn, Table: "activity_log", CreateSchema: true}, &observed{})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				if err := s.Write(t.Context(), dialecttest.Rows(1)); err != nil {
					t.Fatal(err)
				}
				mysqlExecute(t, dsn, strings.Split(statement, "; ")...)
			}
		})
	}
}

// What does not fit a column is refused with its neighbours kept, never cut.
func mysqlCutsNothing(t *testing.T, s *store.Store, db *sql.DB, seen *observed) {
	rows := dialecttest.Rows(600)
	rows[0].Text[row.ActionType] = strings.Repeat("x", 256)
	rows[300].Text[row.Status] = strings.Repeat("🙂", 256)
	rows[301].Text[row.Data] = `{"no JSON`
	rows[302].Text[row.Source] = "" // NULL where there must be a value
	rows[303].Text[row.ObjectType] = strings.Repeat("🙂", 255)
	for range 2 { // the second time by way of the staging table
		if err := s.Write(t.Context(), slices.Clone(rows)); err != nil {
			t.Fatal(err)
		}
	}
	if got := mysqlText(t, db, "SELECT count(*) FROM activity_log"); got != "596" || len(seen.deadLettered) != 4 {
		t.Errorf("%s rows and dead letters %q, want 596 and 4", got, seen.deadLettered)
	}
	if got := mysqlText(t, db, "SELECT count(*) FROM activity_log_dead_letter WHERE LENGTH(record) > 700"); got != "2" {
		t.Errorf("%s dead letters with the long values in them, want 2", got)
	}
	if got := mysqlText(t, db, "SELECT object_type FROM activity_log WHERE event_id = ?", rows[303].ID.String()); got != rows[303].Text[row.ObjectType] {
		t.Errorf("a value as long as the column: got %q", got)
	}
}

func mysqlKeepsEachCharacter(t *testing.T, s *store.Store, db *sql.DB, _ *observed) {
	texts := []string{`\N`, `\`, `\\`, `C:\new\table\0`, "tab\tnew\nline\r\nend\n", "nul\x00\x00", "\x01\x08\x1a\x7f", `'"` + "`",
		"NULL", "🙂🧑‍🚀\U0010fffd", "é\u0301 \ufeff\u2028", " spaces  ", "%_", "\t", `a\`, strings.Repeat(`\`+"\n", 9000)}
	rows := dialecttest.Rows(len(texts))
	for i, text := range texts {
		rows[i].Text[row.ActorName], rows[i].Text[row.Remarks], rows[i].Text[row.ErrorType] = text, text, text
	}
	if err := s.Write(t.Context(), append(slices.Clone(rows[:1]), rows[0])); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), slices.Clone(rows)); err != nil { // with an old row: by way of the staging table
		t.Fatal(err)
	}
	for i, text := range texts {
		for _, column := range []string{"actor_name", "remarks", "error_type"} {
			if got := mysqlText(t, db, "SELECT "+column+" FROM activity_log WHERE event_id = ?", rows[i].ID.String()); got != text {
				t.Errorf("%s: got %.60q, want %.60q", column, got, text)
			}
		}
	}
}

// A lookup finds what was asked for: neither another case, nor accents, nor
// spaces at the end make it something else.
func mysqlComparesExactly(t *testing.T, s *store.Store, db *sql.DB, _ *observed) {
	same := []string{"anna", "Anna", "ANNA", "anna ", "änna", "anna\x00"}
	rows := dialecttest.Rows(len(same))
	for i, actor := range same {
		rows[i].Text[row.ActorID], rows[i].Text[row.TraceID], rows[i].Text[row.Status] = actor, actor, actor
	}
	if err := s.Write(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"actor_id", "trace_id", "status"} {
		for _, actor := range same {
			if got := mysqlText(t, db, "SELECT count(*) FROM activity_log WHERE "+column+" = ?", actor); got != "1" {
				t.Errorf("%s = %q finds %s rows, want 1", column, actor, got)
			}
		}
	}
}

// A unique index of the user's own refuses rows; it does not make them vanish.
func mysqlOwnUniqueIndex(t *testing.T, s *store.Store, db *sql.DB, seen *observed) {
	if _, err := db.ExecContext(t.Context(), "CREATE UNIQUE INDEX own ON activity_log (object_name(64))"); err != nil {
		t.Fatal(err)
	}
	rows := dialecttest.Rows(100)
	for i := range rows {
		rows[i].Text[row.ObjectName] = fmt.Sprint(i)
	}
	rows[70].Text[row.ObjectName], rows[80].Text[row.ObjectName] = "7", "8"
	for range 2 {
		if err := s.Write(t.Context(), slices.Clone(rows)); err != nil {
			t.Fatal(err)
		}
	}
	if got := mysqlText(t, db, "SELECT count(*) FROM activity_log"); got != "98" || !slices.Equal(seen.deadLettered, []string{"1062", "1062"}) {
		t.Errorf("%s rows and dead letters %q, want 98 and two for 1062", got, seen.deadLettered)
	}
}

// A row beyond what the server takes in one piece does not hold up its
// neighbours, wherever the limit is met.
func mysqlBeyondThePacket(t *testing.T, s *store.Store, db *sql.DB, seen *observed) {
	rows := dialecttest.Rows(8)
	for _, large := range []int{2, 5} {
		rows[large].Text[row.Remarks] = strings.Repeat("🙂", 6<<20) // 24 MB, and 16 MB is the server's limit
	}
	rows[5].Text[row.ActionType] = strings.Repeat("x", 256)
	if err := s.Write(t.Context(), slices.Clone(rows)); err != nil {
		t.Fatal(err)
	}
	table, dead := 7, 1 // LOAD DATA has no such limit
	if !seen.local {
		table, dead = 6, 2
	}
	got := mysqlText(t, db, "SELECT count(*) FROM activity_log")
	if got != fmt.Sprint(table) || len(seen.deadLettered) != dead {
		t.Errorf("%s rows and dead letters %q, want %d and %d", got, seen.deadLettered, table, dead)
	}
	const cut = "SELECT count(*) FROM activity_log_dead_letter WHERE reason LIKE '%shortened%' AND JSON_VALID(record) AND record LIKE '%of 25165824 bytes%'"
	if got := mysqlText(t, db, cut); got != fmt.Sprint(dead) {
		t.Errorf("%s dead letters that say how they were shortened, want %d", got, dead)
	}
}

// Without the right to make temporary tables, rows go by INSERT; with it they do
// not.
func TestMySQLRightToStage(t *testing.T) {
	t.Parallel()
	h := mysqlHarness(mariatest.Start(t))
	for _, revoke := range []bool{false, true} {
		t.Run(fmt.Sprintf("revoked %v", revoke), func(t *testing.T) {
			dsn := h.New(t)
			admin, err := store.Open(store.Config{Dialect: h.Dialect, DSN: dsn, Table: "activity_log", CreateSchema: true}, &observed{})
			if err != nil {
				t.Fatal(err)
			}
			defer admin.Close()
			rows := dialecttest.Rows(100)
			if err := admin.Write(t.Context(), slices.Clone(rows[:1])); err != nil {
				t.Fatal(err)
			}
			account := h.InsertOnly(t, dsn)
			if revoke {
				name, _, _ := strings.Cut(account, ":")
				mysqlExecute(t, dsn, "REVOKE CREATE TEMPORARY TABLES ON * FROM "+name+"@'127.0.0.1'")
			}
			seen := &observed{}
			s, err := store.Open(store.Config{Dialect: h.Dialect, DSN: account, Table: "activity_log"}, seen)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Write(t.Context(), slices.Clone(rows)); err != nil {
				t.Fatal(err)
			}
			if seen.written != 99 || seen.duplicate != 1 || (len(seen.unsupported) == 1) != revoke {
				t.Errorf("written %d, there already %d, reported %v", seen.written, seen.duplicate, seen.unsupported)
			}
		})
	}
}
