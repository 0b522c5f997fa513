package cli

import (
	"bytes"
	"strings"
	"testing"
)

// A data source name with a mistake, or in the wrong place, is still one with a password.
func TestNoPasswordOfMistakes(t *testing.T) {
	const secret = "s3cr3tPW"
	for _, dsn := range []string{
		"postgres://u:" + secret + "@127.0.0.1:1/db", "postgres://u:" + secret + "@[::1/db", "postgres://u:" + secret + "%zz@127.0.0.1:1/db",
		"u:" + secret + "@tcp(127.0.0.1:1)/db", "u:" + secret + "@tcp(127.0.0.1:1/db", "u:" + secret + "@unix(/run/x", "oracle://u:" + secret + "@db/x",
		"http://db/?password=" + secret, "host=127.0.0.1 pasword=x password=" + secret, "http://u:" + secret + "@127.0.0.1:1/?password=" + secret + "2",
	} {
		for _, args := range [][]string{
			{"-dsn=" + dsn}, {"list", "--driver", dsn}, {"list", "--config=" + dsn}, {"list", "--time-zone", dsn}, {"list", "--since", dsn},
			{"export", "--columns", dsn}, {"show", dsn}, {dsn}, {"import", dsn}, {"outbox", dsn}, {"list", "--nothing=" + dsn}, {"serve", "--listen", dsn},
		} {
			var out, errs bytes.Buffer
			env := func(name string) string {
				return map[string]string{"ACTIVITYLOG_DSN": "file:" + t.TempDir() + "/none.db"}[name]
			}
			code := newApp(strings.NewReader(""), &out, &errs, env).run(t.Context(), args)
			if code == exitOK || errs.Len() == 0 || strings.Contains(out.String()+errs.String(), secret) {
				t.Errorf("%q: code %d, and it says %s%s", args, code, out.String(), errs.String())
			}
		}
	}
}

// What is no password stays in errors.
func TestCleanKeeps(t *testing.T) {
	a := &app{args: []string{"--actor", "user:alice@example.com", "--time-zone=Europe/Berlin", "a:b"}}
	const text = "alice@example.com of Europe/Berlin, a:b"
	if got := a.clean(text); got != text {
		t.Errorf("got %q", got)
	}
}
