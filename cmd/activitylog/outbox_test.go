package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/clitest"
	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// TestOutbox runs the scripts of testdata/outbox with the real collector, on each database
// that a service may have its outbox in.
func TestOutbox(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		outboxScripts(t, "sqlite", func(env *testscript.Env) (string, error) {
			dsn := "file:" + filepath.Join(env.WorkDir, "service.db")
			return dsn, clitest.Exec(context.Background(), dsn, "CREATE TABLE orders (id integer)")
		})
	})
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Start(t)
		outboxScripts(t, "postgres", func(env *testscript.Env) (string, error) {
			name := databaseName(env)
			u, err := url.Parse(server.DSN())
			if err != nil {
				return "", err
			}
			u.Path = "/" + name
			return u.String(), clitest.Exec(context.Background(), server.DSN(), "CREATE DATABASE "+name)
		})
	})
	t.Run("mariadb", func(t *testing.T) {
		server := mariatest.Start(t)
		outboxScripts(t, "mariadb", func(env *testscript.Env) (string, error) { return mariaDatabase(env, server.DSN()) })
	})
}

func outboxScripts(t *testing.T, kind string, start func(*testscript.Env) (string, error)) {
	log := "file:" + filepath.Join(t.TempDir(), "activity.db")
	collector := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: log})
	p := params("outbox", func(env *testscript.Env) (string, error) {
		env.Setenv("LOG", log)
		env.Setenv("COLLECTOR", "http://"+collector.HTTP)
		env.Setenv("KIND", kind)
		return start(env)
	})
	p.Condition = func(condition string) (bool, error) { return condition == kind, nil }
	p.Cmds["create"], p.Cmds["record"], p.Cmds["rows"] = createOutbox, record, waitForRows
	testscript.Run(t, p)
}

// createOutbox runs the statement of a file: "create schema.sql".
func createOutbox(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(clitest.Exec(context.Background(), ts.Getenv("ACTIVITYLOG_DSN"), ts.ReadFile(args[0])))
}

// record records activities of an actor in the outbox, in a transaction each, as a service does:
// "record erin 3".
func record(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	dsn := ts.Getenv("ACTIVITYLOG_DSN")
	dialect := map[string]outbox.Dialect{
		sqldsn.Postgres: outbox.PostgreSQL, sqldsn.MySQL: outbox.MySQL, sqldsn.SQLite: outbox.SQLite}[sqldsn.Kind(dsn)]
	box := outbox.New(dialect, outbox.WithServiceName("shop"), outbox.WithNotify("acts"))
	db, err := clitest.Open(dsn)
	ts.Check(err)
	defer db.Close()
	for i := range n {
		ts.Check(recordOne(db, box, args[0], i))
	}
}

func recordOne(db *sql.DB, box *outbox.Outbox, actor string, i int) error {
	ctx := context.Background()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = box.Record(ctx, tx, activity.Activity{ActionType: activity.ActionCreate,
		Actor: activity.Actor{ID: actor}, Object: activity.Object{Type: "order", ID: fmt.Sprint(i)}})
	if err != nil {
		return err
	}
	return tx.Commit()
}

// waitForRows waits until the log has a number of rows of an actor: "rows erin 3".
func waitForRows(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := drivers.Open(ctx, "", ts.Getenv("LOG"))
	ts.Check(err)
	defer r.Close()
	for got := int64(-1); ; time.Sleep(20 * time.Millisecond) {
		counts, err := r.Count(ctx, reader.Query{Actor: args[0]}, reader.By{})
		if err != nil {
			ts.Fatalf("%d rows of %s, want %s: %v", got, args[0], args[1], err)
		}
		got = 0
		for _, group := range counts.Groups {
			got += group.Rows
		}
		if fmt.Sprint(got) == args[1] {
			return
		}
	}
}
