package dialect_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

func TestGenericDeadLetter(t *testing.T) {
	for want, g := range map[string]dialect.Generic{
		"INSERT INTO a.log_dead_letter (event_id, action_time, reason, record) SELECT ?, ?, ?, ? FROM DUAL " +
			"WHERE NOT EXISTS (SELECT 1 FROM a.log_dead_letter WHERE event_id = ?)": {Placeholder: "?", From: "DUAL"},
		"INSERT INTO a.log_dead_letter (event_id, action_time, reason, record) SELECT @p1, @p2, @p3, @p4 FROM (SELECT 1 AS one) one_row " +
			"WHERE NOT EXISTS (SELECT 1 FROM a.log_dead_letter WHERE event_id = @p5)": {Placeholder: "@p1"},
		"INSERT INTO a.log_dead_letter (event_id, action_time, reason, record) SELECT COALESCE(:1, there.event_id), COALESCE(:2, there.action_time), " +
			"COALESCE(:3, there.reason), COALESCE(:4, there.record) FROM SYSIBM.SYSDUMMY1 LEFT JOIN a.log_dead_letter there " +
			"ON there.event_id = :5 WHERE there.event_id IS NULL": {Placeholder: ":1", From: "SYSIBM.SYSDUMMY1", Typed: true},
	} {
		if got := g.DeadLetter("a.log"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Errors of drivers that are not among our dependencies, by the fields that their
// types have.
type (
	mysqlError  struct{ SQLState [5]byte } // go-sql-driver/mysql, with Number before it
	stateError  struct{ SQLState string }  // nakagami/firebirdsql, snowflakedb/gosnowflake
	numberError struct{ Number int32 }     // microsoft/go-mssqldb
	codeError   struct{ ErrCode int }      // sijms/go-ora
)

func (*mysqlError) Error() string { return "Duplicate entry" }
func (*stateError) Error() string { return "violation" }
func (numberError) Error() string { return "mssql: Cannot insert NULL" }
func (codeError) Error() string   { return "ORA-12899: value too large for column" }

func TestGenericClassify(t *testing.T) {
	g := dialect.Generic{Refused: []string{"^515$", `ORA-(01400|12899)`}}
	for name, c := range map[string]struct {
		err  error
		want dialect.Verdict
	}{
		"no connection":                {errors.New("connection refused"), dialect.Verdict{}},
		"data exception":               {&pgconn.PgError{Code: "22001"}, dialect.Verdict{Kind: dialect.Rejected, Code: "22001"}},
		"check option":                 {&stateError{"44000"}, dialect.Verdict{Kind: dialect.Rejected, Code: "44000"}},
		"constraint":                   {&stateError{"23000"}, dialect.Verdict{Kind: dialect.Conflict, Code: "23000"}},
		"an array":                     {&mysqlError{[5]byte{'2', '3', '0', '0', '0'}}, dialect.Verdict{Kind: dialect.Conflict, Code: "23000"}},
		"deadlock":                     {&stateError{"40001"}, dialect.Verdict{Kind: dialect.Contention, Code: "40001"}},
		"deferred constraint":          {&stateError{"40002"}, dialect.Verdict{Kind: dialect.Conflict, Code: "40002"}},
		"syntax, or a missing table":   {&stateError{"42000"}, dialect.Verdict{Code: "42000"}},
		"a number that is configured":  {numberError{515}, dialect.Verdict{Kind: dialect.Conflict, Code: "515"}},
		"a number that nobody knows":   {numberError{229}, dialect.Verdict{Code: "229"}},
		"a text that is configured":    {codeError{12899}, dialect.Verdict{Kind: dialect.Conflict, Code: "12899"}},
		"a number that looks like one": {numberError{22835}, dialect.Verdict{Code: "22835"}},
	} {
		if got := g.Classify(fmt.Errorf("insert: %w", c.err)); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}
