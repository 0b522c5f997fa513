package main

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/otelactivity/activitylog/internal/testserver/clickhousetest"
)

// TestClickHouse runs the scripts of testdata/clickhouse, each with a database of its own.
func TestClickHouse(t *testing.T) {
	server := clickhousetest.Start(t)
	p := params("clickhouse", func(env *testscript.Env) (string, error) {
		env.Setenv("ACTIVITYLOG_DRIVER", "clickhouse")
		env.Setenv("ADDRESS", server.Address())
		env.Setenv("NOBODY", "http://activity:wr0ng-s3cret@127.0.0.1:1/default")
		env.Setenv("ABSENT", server.DSN("absent"))
		name := databaseName(env)
		env.Setenv("INSERTER", strings.Replace(server.DSN(name), "http://", "http://inserter@", 1)) // who has no right in this database
		return server.DSN(name), onClickHouse(server.DSN("default"), "CREATE DATABASE "+name)
	})
	p.Cmds["sql"] = func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(onClickHouse(ts.Getenv("ACTIVITYLOG_DSN"), strings.Join(args, " ")))
	}
	testscript.Run(t, p)
}

// onClickHouse runs a statement.
func onClickHouse(dsn, statement string) error {
	db, err := sql.Open("clickhouse", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}
