package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/clitest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(leaks{m}, map[string]func(){"activitylog": main})
}

// leaks also looks for goroutines that the tests leave. It is not asked in the processes in
// which this program is the command.
type leaks struct{ *testing.M }

// Run runs the tests, and returns an exit code.
func (m leaks) Run() int {
	code := m.M.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestScripts runs the scripts of testdata/script, each in a folder of its own with an
// SQLite file, activity.db, that "tables" creates.
func TestScripts(t *testing.T) {
	testscript.Run(t, params("script", func(env *testscript.Env) (string, error) {
		return "file:" + filepath.Join(env.WorkDir, "activity.db"), nil
	}))
}

// TestPostgres runs those of testdata/postgres, each with a database of its own.
func TestPostgres(t *testing.T) {
	server := pgtest.Start(t)
	testscript.Run(t, params("postgres", func(env *testscript.Env) (string, error) {
		name := databaseName(env)
		u, err := url.Parse(server.DSN())
		if err != nil {
			return "", err
		}
		u.Path = "/" + name
		env.Setenv("PASSWORD", pgtest.Password)
		env.Setenv("ADDRESS", server.Address())
		env.Setenv("NOBODY", "postgres://activity:wr0ng-s3cret@127.0.0.1:1/postgres?sslmode=disable")
		env.Setenv("ABSENT", strings.Replace(u.String(), name, "absent", 1))
		env.Setenv("STRANGER", strings.Replace(u.String(), pgtest.Password, "wr0ng-s3cret", 1))
		return u.String(), clitest.Exec(context.Background(), server.DSN(), "CREATE DATABASE "+name)
	}))
}

// TestMariaDB runs those of testdata/mariadb, each with a database of its own.
func TestMariaDB(t *testing.T) {
	server := mariatest.Start(t)
	testscript.Run(t, params("mariadb", func(env *testscript.Env) (string, error) {
		env.Setenv("PASSWORD", mariatest.Password)
		env.Setenv("ADDRESS", server.Address())
		env.Setenv("NOBODY", "activity:wr0ng-s3cret@tcp(127.0.0.1:1)/activity")
		env.Setenv("ABSENT", strings.TrimSuffix(server.DSN(), "activity")+"absent")
		env.Setenv("STRANGER", strings.Replace(server.DSN(), mariatest.Password, "wr0ng-s3cret", 1))
		return mariaDatabase(env, server.DSN())
	}))
}

// mariaDatabase creates a database for a script, and returns its DSN.
func mariaDatabase(env *testscript.Env, dsn string) (string, error) {
	name := databaseName(env)
	return dsn[:strings.LastIndexByte(dsn, '/')+1] + name, clitest.Exec(context.Background(), dsn, "CREATE DATABASE "+name)
}

// databaseName is a name that no other script has.
func databaseName(env *testscript.Env) string {
	return strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToLower(filepath.Base(env.WorkDir)))
}

// params are those of the scripts in a folder of testdata. start returns the DSN of a
// script's database.
func params(folder string, start func(*testscript.Env) (string, error)) testscript.Params {
	p := testscript.Params{
		Dir: filepath.Join("testdata", folder),
		Setup: func(env *testscript.Env) error {
			dsn, err := start(env)
			env.Setenv("ACTIVITYLOG_DSN", dsn)
			env.Setenv("DSN", dsn)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("TZ", "UTC")
			env.Setenv("TERM", "xterm-256color")
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"tables": tables, "story": story, "many": many, "row": row, "sql": statement, "code": code, "terminal": terminal, "await": await,
		},
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
	}
	maps.Copy(p.Cmds, operatorCommands)
	return p
}

// tables creates the exporter's tables in the database of ACTIVITYLOG_DSN.
func tables(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(clitest.Create(context.Background(), ts.Getenv("ACTIVITYLOG_DSN")))
}

// story writes the rows of the story: clitest.Rows.
func story(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(clitest.Write(context.Background(), ts.Getenv("ACTIVITYLOG_DSN"), clitest.Rows()...))
}

// many writes rows of the year 2025: "many 1200".
func many(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(strings.Join(args, ""))
	ts.Check(err)
	ts.Check(clitest.Write(context.Background(), ts.Getenv("ACTIVITYLOG_DSN"), clitest.Many(n)...))
}

// row writes a row of some time ago: "row 90m 'carol read article 1'".
func row(ts *testscript.TestScript, _ bool, args []string) {
	ago, err := time.ParseDuration(args[0])
	ts.Check(err)
	ts.Check(clitest.Write(context.Background(), ts.Getenv("ACTIVITYLOG_DSN"), clitest.At(ago, args[1])))
}

// statement runs SQL: "sql 'DROP TABLE activity_log'".
func statement(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(clitest.Exec(context.Background(), ts.Getenv("ACTIVITYLOG_DSN"), args[0]))
}

// code runs a command, which must end with an exit code: "code 2 activitylog list -o no".
func code(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("%s ended with %d, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// terminal runs a command on a terminal of so many columns: "terminal 80 activitylog
// list". What it shows is standard output for the script, errors among it.
func terminal(ts *testscript.TestScript, neg bool, args []string) {
	columns, err := strconv.ParseUint(args[0], 10, 16)
	ts.Check(err)
	path := args[1]
	for folder := range strings.SplitSeq(ts.Getenv("PATH"), string(os.PathListSeparator)) {
		if _, err := os.Stat(filepath.Join(folder, path)); err == nil {
			path = filepath.Join(folder, path)
			break
		}
	}
	cmd := exec.Command(path, args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"ACTIVITYLOG_DSN", "HOME", "TZ", "TERM", "NO_COLOR", "PATH"} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: uint16(columns)})
	ts.Check(err)
	shown, _ := io.ReadAll(screen) // EIO, when the command ends
	_ = screen.Close()
	if err := cmd.Wait(); (err != nil) != neg {
		ts.Fatalf("%s: %v", strings.Join(args[1:], " "), err)
	}
	_, _ = ts.Stdout().Write(bytes.ReplaceAll(shown, []byte("\r\n"), []byte("\n")))
}

// await waits until a file has a text: "await out.txt 'carol read'".
func await(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(text), args[1]) {
			return
		}
	}
	ts.Fatalf("%s never had %s", args[0], args[1])
}
