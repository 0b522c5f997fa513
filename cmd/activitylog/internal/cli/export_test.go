package cli

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/export"
	"github.com/otelactivity/activitylog/reader"
)

// exportApp is an export to a file at some time, with flags.
func exportApp(t *testing.T, now time.Time, flags ...string) *exportCommand {
	t.Helper()
	c := &exportCommand{app: testApp(t, "UTC")}
	c.now = func() time.Time { return now }
	root := newRoot(c.app)
	cmd, _, err := root.Find([]string{"export"})
	if err != nil {
		t.Fatal(err)
	}
	c.flags = cmd.Flags()
	if err := c.flags.Parse(flags); err != nil {
		t.Fatal(err)
	}
	for name, place := range map[string]*string{"since": &c.filters.since, "until": &c.filters.until, "output": &c.output} {
		*place = c.flags.Lookup(name).Value.String()
	}
	c.resume, c.save = c.flags.Changed("resume"), time.Second
	return c
}

// TestResumeTimes: "2h" is as long before the beginning of the export, however late it
// goes on.
func TestResumeTimes(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.csv")
	begun := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	var first reader.Query
	for i, now := range []time.Time{begun, begun.Add(24 * time.Hour)} {
		c := exportApp(t, now, "--since", "2h", "--until", "now", "--output", name, "--resume")
		q, err := c.filters.query(c.app)
		if err != nil {
			t.Fatal(err)
		}
		options, err := c.options()
		if err != nil {
			t.Fatal(err)
		}
		file, err := c.begin(&q, options)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = q
		}
		if !q.From.Equal(first.From) || !q.To.Equal(first.To) || !q.From.Equal(begun.Add(-2*time.Hour)) {
			t.Errorf("run %d: got %s to %s", i, q.From, q.To)
		}
		if err := errors.Join(file.Write(&reader.Row{ActorID: "a"}), file.Save("c"), file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	// Other filters, and another table, are another export.
	for flag, text := range map[string]string{"--actor=42": `--actor was "" and is "42"`, "--since=3h": `--since was "2h" and is "3h"`} {
		c := exportApp(t, begun, "--since", "2h", "--until", "now", "--output", name, "--resume", flag)
		options, _ := c.options()
		if _, err := c.begin(&reader.Query{}, options); !errors.Is(err, export.ErrOther) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: got %v", flag, err)
		}
	}
	c := exportApp(t, begun, "--since", "2h", "--until", "now", "--output", name, "--resume")
	c.source.table = "audit.activity_log"
	options, _ := c.options()
	if _, err := c.begin(&reader.Query{}, options); !errors.Is(err, export.ErrOther) {
		t.Errorf("another table: got %v", err)
	}
}
