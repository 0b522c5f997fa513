package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/operate"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 rows", 1: "1 row", 2: "2 rows"} {
		if got := count(n, "row"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Each kind of error of package operate has its exit code, and keeps its cause.
func TestOperated(t *testing.T) {
	cause := errors.New("the cause")
	for _, c := range []struct {
		kind error
		want int
	}{
		{operate.ErrConfig, exitUsage}, {operate.ErrDatabase, exitDatabase}, {operate.ErrDenied, exitFailed}, {errors.New("other"), exitFailed},
	} {
		err := operated(fmt.Errorf("do: %w", errors.Join(c.kind, cause)))
		if exitCode(err) != c.want || !errors.Is(err, cause) {
			t.Errorf("%v: got %v with code %d, want %d", c.kind, err, exitCode(err), c.want)
		}
	}
	if operated(nil) != nil {
		t.Error("no error became one")
	}
}

// Without a terminal nothing is asked, whatever the input says.
func TestConfirmWithoutTerminal(t *testing.T) {
	var said bytes.Buffer
	a := newApp(strings.NewReader("yes\n"), io.Discard, &said, func(string) string { return "" })
	if err := a.confirm(false, "remove all"); exitCode(err) != exitUsage || !strings.Contains(err.Error(), "this would remove all; give --yes to do it") {
		t.Errorf("got %v", err)
	}
	if err := a.confirm(true, "remove all"); err != nil || said.Len() > 0 {
		t.Errorf("with --yes: got %v, %s", err, &said)
	}
}

func TestFindings(t *testing.T) {
	all := []operate.Finding{
		{Level: operate.OK, About: "table", Text: "right", Todo: "not shown"}, {Level: operate.Warn, About: "dead letters", Text: "some\x1b[2J", Todo: "look"},
	}
	for _, c := range []struct {
		format string
		strict bool
		more   []operate.Finding
		failed string
		want   string
	}{
		{formatTable, false, nil, "", "ok    table         right\nwarn  dead letters  some\\x1b[2J\n                    to do: look\n"},
		{formatTable, true, nil, "0 failures, 1 warning", "warn"},
		{formatTable, false, []operate.Finding{{Level: operate.Fail, About: "a", Text: "b"}}, "1 failure, 1 warning", "fail  a             b\n"},
		{formatJSONL, false, nil, "", `{"level":"ok","about":"table","text":"right","todo":"not shown"}` + "\n"},
		{formatJSON, false, nil, "", "[\n  {\n    \"level\": \"ok\",\n"},
	} {
		var out bytes.Buffer
		a := newApp(nil, &out, io.Discard, func(string) string { return "" })
		a.flags.format = c.format
		err := a.findings(append(all[:2:2], c.more...), c.strict)
		if (err == nil) != (c.failed == "") || err != nil && err.Error() != c.failed || !strings.Contains(out.String(), c.want) || strings.Contains(out.String(), "\x1b") {
			t.Errorf("%+v: got %v and\n%s", c, err, &out)
		}
	}
}

// A driver may repeat the DSN in its error.
func TestFindingsHaveNoDSN(t *testing.T) {
	var out bytes.Buffer
	a := newApp(nil, &out, io.Discard, nil)
	a.env = func(string) string { return "" }
	a.source.dsn = "postgres://u:s3cret@h/db"
	err := a.findings([]operate.Finding{{Level: operate.Warn, About: "a", Text: "cannot parse " + a.source.dsn}}, false)
	if err != nil || !strings.Contains(out.String(), "cannot parse …") {
		t.Errorf("got %v, %s", err, &out)
	}
}

func TestOnlyFormats(t *testing.T) {
	a := newApp(nil, io.Discard, io.Discard, nil)
	a.flags.format = formatCSV
	if err := a.onlyFormats(formatTable, formatJSON); exitCode(err) != exitUsage || !strings.Contains(err.Error(), "one of table, json here; got csv") {
		t.Errorf("got %v", err)
	}
	if err := a.onlyFormats(formatCSV); err != nil {
		t.Error(err)
	}
}

// What an operator is told by the database is safe for a terminal, and has no DSN.
func TestNotesAreSafe(t *testing.T) {
	var said bytes.Buffer
	const dsn = "postgres://u:s3cret@h/db"
	a := newApp(nil, io.Discard, &said, func(name string) string { return map[string]string{"ACTIVITYLOG_DSN": dsn}[name] })
	cfg, err := a.place()
	if err != nil || cfg.DSN != dsn {
		t.Fatalf("got %v, %v", cfg.DSN, err)
	}
	cfg.Note("a row says \x1b[2J of " + dsn)
	if got := said.String(); got != "a row says \\x1b[2J of …\n" {
		t.Errorf("got %q", got)
	}
}

// A DSN does not show in the help, in what is printed and in errors, wherever it was
// given.
func TestNoPassword(t *testing.T) {
	const dsn = "postgres://u:s3cret@127.0.0.1:1/db?connect_timeout=1"
	for _, args := range [][]string{
		{"schema", "apply"}, {"schema", "apply", "--dry-run"}, {"schema", "version"}, {"schema", "check"}, {"schema", "print"}, {"schema", "print", "--from", "99"},
		{"dead-letters", "list"}, {"dead-letters", "show", "01a217c3-a8cc-7fb9-93c9-43d6845dfd68"}, {"dead-letters", "retry", "--all"},
		{"dead-letters", "drop", "--all", "--yes"}, {"import", "-"}, {"prune", "--before", "1d", "--yes"}, {"counts", "--rebuild"}, {"counts"}, {"counts", "--off", "--yes"}, {"grant", "--role", "auditor", "--to", "a"},
		{"grant", "--role", "auditor", "--to", dsn}, {"doctor"}, {"doctor", "--collector", "http://u:s3cret@127.0.0.1:1"}, {"import", dsn}, {"prune", "--before", dsn},
		{"dead-letters", "retry", dsn}, {"schema", "apply", dsn},
	} {
		for _, by := range []string{"environment", "flag"} {
			var out bytes.Buffer
			env := map[string]string{}
			if by == "environment" {
				env["ACTIVITYLOG_DSN"] = dsn
			} else {
				args = append(args[:len(args):len(args)], "--dsn", dsn)
			}
			a := newApp(strings.NewReader(""), &out, &out, func(name string) string { return env[name] })
			code := a.run(context.Background(), args)
			if strings.Contains(out.String(), "s3cret") {
				t.Errorf("%v by the %s: it shows:\n%s", args, by, &out)
			}
			if code == exitOK && args[0] != "grant" && args[1] != "print" {
				t.Errorf("%v ended with 0:\n%s", args, &out)
			}
		}
	}
}

// A dead letter has what a sender sent: brackets in a row must not become hundreds of
// megabytes of spaces in any format.
func TestDeepDeadLetter(t *testing.T) {
	deep := `{"data":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}"
	for _, format := range []string{formatTable, formatJSON, formatJSONL} {
		var out bytes.Buffer
		a := newApp(nil, &out, io.Discard, func(string) string { return "" })
		a.flags.format = format
		if err := a.printLetter(shownLetter{Record: json.RawMessage(deep), Present: json.RawMessage(deep)}); err != nil {
			t.Fatal(err)
		}
		if got := out.Len(); got < 2*len(deep) || got > 3*len(deep) {
			t.Errorf("%s: got %d bytes of %d", format, got, len(deep))
		}
	}
}
