package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// counts says whether there are counts, and turns them on and off.
func TestCountsCommand(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	run := func(args ...string) (code int, text string) {
		var out bytes.Buffer
		a := newApp(strings.NewReader(""), &out, &out, func(name string) string { return map[string]string{"ACTIVITYLOG_DSN": dsn}[name] })
		code = a.run(context.Background(), args)
		return code, out.String()
	}
	for _, step := range []struct {
		args string
		code int
		want string
	}{
		{"schema apply", exitOK, ""},
		{"counts", exitOK, "state:  off\n"},
		{"counts --rebuild", exitOK, "counted 0 rows; dashboards and stats use the counts from now on\n"},
		{"counts", exitOK, "state:  usable\nrows:   0\ncounts: 0\n"},
		{"counts --fold", exitOK, "no hour has enough counts to put together\n"},
		{"counts --rebuild --off", exitUsage, "only one of --rebuild, --fold and --off can be given"},
		{"counts --off", exitUsage, "empty the counts of activity_log"},
		{"counts --off --yes", exitOK, ""},
		{"counts", exitOK, "state:  off\n"},
	} {
		if code, text := run(strings.Fields(step.args)...); code != step.code || !strings.Contains(text, step.want) {
			t.Errorf("%s: got %d and %q, want %d and %q", step.args, code, text, step.code, step.want)
		}
	}
}
