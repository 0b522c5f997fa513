package dialect_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Errors after which a connection is of no more use, and none of them is about a
// row: 1047 is also what ProxySQL says when no server is there.
func TestStaleConnections(t *testing.T) {
	for code, stale := range map[string]bool{
		"25006": true, "25P02": true, "57014": true, "57P01": true, "57P02": true, "57P03": true, "57P04": true, "08006": true, "08P01": true,
		"23514": false, "40001": false, "53300": false, "42P01": false, "22001": false,
	} {
		got := dialect.Postgres{}.Classify(fmt.Errorf("begin: %w", &pgconn.PgError{Code: code, ConstraintName: "c"}))
		if got.Stale != stale || stale && got.Kind != dialect.Database {
			t.Errorf("SQLSTATE %s: got %+v, want Stale %v", code, got, stale)
		}
	}
	for number, stale := range map[uint16]bool{1047: true, 1053: true, 1290: true, 1792: true, 1836: true, 1969: true, 3024: true,
		1205: false, 1213: false, 1406: false, 1146: false} {
		got := dialect.MySQL{}.Classify(fmt.Errorf("begin: %w", &mysql.MySQLError{Number: number, Message: "x"}))
		if got.Stale != stale || stale && got.Kind != dialect.Database {
			t.Errorf("error %d: got %+v, want Stale %v", number, got, stale)
		}
	}
	for _, number := range []uint16{1205, 1213} {
		if got := (dialect.MySQL{}).Classify(&mysql.MySQLError{Number: number}); got.Kind != dialect.Contention {
			t.Errorf("error %d: got %+v, want Contention", number, got)
		}
	}
	if got := (dialect.Postgres{}).Classify(errors.New("EOF")); got != (dialect.Verdict{}) {
		t.Errorf("no answer: got %+v", got)
	}
}
