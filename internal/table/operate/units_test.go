package operate

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// TestNotesOfRemovals: many small parts are a line in a while, and one at the end.
func TestNotesOfRemovals(t *testing.T) {
	var said []string
	n := &notes{note: func(text string) { said = append(said, text) }}
	n.begin()
	for range 100 {
		n.Expired(t.Context(), 2000)
	}
	n.said = n.said.Add(-saidEvery)
	n.Expired(t.Context(), 2000)
	n.Expired(t.Context(), 7)
	n.sum(t.Context())
	n.begin()
	n.sum(t.Context()) // of nothing
	want := []string{"deleted 202000 rows and dead letters so far", "deleted 202007 rows and dead letters"}
	if !slices.Equal(said, want) {
		t.Errorf("got %q, want %q", said, want)
	}
}

func TestOpenErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("text", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cfg  Config
		kind error
		want string
	}{
		{Config{DSN: "activity"}, ErrConfig, "the driver is not clear"},
		{Config{Driver: "oracle", DSN: "x"}, ErrConfig, `got "oracle"`},
		{Config{Driver: "generic", DSN: "x"}, ErrConfig, `got "generic"`},
		{Config{DSN: "file:" + path}, ErrDatabase, "no such file"},
		{Config{Driver: "sqlite", DSN: text}, ErrDatabase, "not a database (26): " + text + " is not a file of SQLite"},
		{Config{Driver: "sqlite", DSN: "file:" + filepath.Dir(text)}, ErrDatabase, ": " + filepath.Dir(text) + " is a folder"},
		{Config{DSN: "sqlite:s3cret.db"}, ErrConfig, `such as "file:activity.db"`},
		{Config{DSN: "sqlite:///s3cret.db", Create: true}, ErrConfig, `such as "file:activity.db"`},
		{Config{Driver: "sqlite", DSN: "postgres://u:s3cret@h/db"}, ErrConfig, "driver postgres"},
		{Config{DSN: "file:a.db", Partition: "month"}, ErrConfig, "only postgres has partitions"},
		{Config{DSN: "postgres://u:s3cret@h/db", Partition: "year"}, ErrConfig, `got "year"`},
		{Config{DSN: "postgres://u:s3cret@h/db", Cluster: "main"}, ErrConfig, "only clickhouse has clusters"},
		{Config{DSN: "clickhouse://u:s3cret@h/db", Cluster: "a'b"}, ErrConfig, "the cluster one such as"},
		{Config{DSN: "file:a.db", Table: "a; DROP TABLE b"}, ErrConfig, "the table must be a name"},
		{Config{DSN: "postgres://u:s3cret@127.0.0.1:1/db?connect_timeout=1"}, ErrDatabase, "connect to database"},
		{Config{DSN: "postgres://u:s3c%ret@h/db"}, ErrConfig, "percent-encoded"},
		{Config{DSN: "u:s3cret@tcp(127.0.0.1:1)/db"}, ErrDatabase, "connect to database"},
	} {
		_, err := Open(t.Context(), c.cfg)
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3c") {
			t.Errorf("%+v: got %v, want %q", c.cfg, err, c.want)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file was created")
	}
}

func TestCreatedFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	table, err := Open(t.Context(), Config{DSN: "file:" + path, Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
}

func TestClockFinding(t *testing.T) {
	for _, c := range []struct {
		apart, took time.Duration
		want        Level
	}{
		{0, 0, OK}, {time.Second, 0, OK}, {-1999 * time.Millisecond, 0, OK}, {2 * time.Second, 0, Warn}, {-2 * time.Second, 0, Warn},
		{299 * time.Second, 0, Warn}, {-5 * time.Minute, 0, Fail}, {time.Hour, time.Second, Fail},
		{3 * time.Second, 6 * time.Second, OK}, {3 * time.Second, 5 * time.Second, Warn}, // the answer took so long
	} {
		if got := clockFinding(c.apart, c.took); got.Level != c.want || (got.Level != OK) != (got.Todo != "") {
			t.Errorf("%v apart after %v: got %+v, want %s", c.apart, c.took, got, c.want)
		}
	}
}

func TestSameJSON(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[1,2]}`, `{"b": [1, 2], "a": 1.0}`, true}, {`{"a":100}`, `{"a":1e2}`, true}, {`{"a":12345678901234567890}`, `{"a":12345678901234567891}`, false},
		{`{"a":[1,2]}`, `{"a":[2,1]}`, false}, {`{"a":null}`, `{}`, false}, {`{"a":"1"}`, `{"a":1}`, false}, {`{"a":true}`, `{"a":true}`, true},
		{`{"a":1e999999999}`, `{"a":1e999999999}`, true}, {`{"a":1e999999999}`, `{"a":2}`, false}, {`{}`, `{} {}`, false}, {`{`, `{`, false},
		{`{"a":{"b":{}}}`, `{"a":{"b":{}}}`, true}, {`{"a":{"b":{}}}`, `{"a":{"c":{}}}`, false}, {`{"a":[]}`, `{"a":{}}`, false},
	} {
		if got := sameJSON(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: got %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// unreadable are errors of lines that have no id for sure.
var unreadable = regexp.MustCompile("twice|UTF-8|one JSON object")

func TestParseRow(t *testing.T) {
	id := activity.HashID(time.Unix(1_700_000_000, 0), []byte("x"))
	least := `"event_id":"` + id.String() + `","action_type":"Read","status":"Success","source":"declared"`
	for text, want := range map[string]string{
		`{` + least + `}`: "",
		`{` + least + `,"actor_id":null,"data":{"a": [1, 2]}}`: "",
		`{` + least + `,"recorded_at":"2026-11-01T00:00:00Z"}`: "",
		``:                             "must be one JSON object",
		`null`:                         "must be one JSON object",
		`[]`:                           "must be one JSON object",
		`{} {}`:                        "must be one JSON object",
		`{"action_type":"Read"}`:       "must have an event_id",
		`{"event_id":"x"}`:             `event_id "x"`,
		`{"a":1,"event_id":"x","z":2}`: `event_id "x"`,
		`{"event_id":7}`:               "event_id must be text",
		`{` + least + `,"actor_id":7}`: "actor_id must be text",
		`{` + least + `,"data":[]}`:    "data must be a JSON object",
		`{` + least + `,"data":"{}"}`:  "data must be a JSON object",
		`{` + least + `,"other":1}`:    `no column "other"`,
		`{` + least + `,"action_time":"2026-11-01T00:00:00Z"}`:                                            "but must be the time in event_id",
		`{` + least + `,"actor_id":"a","actor_id":"b"}`:                                                   `has the column "actor_id" twice`,
		`{` + least + `,"event_id":"` + activity.HashID(time.Unix(1, 0), []byte("other")).String() + `"}`: `has the column "event_id" twice`,
		`{` + least + `,"data":{"a":1},"d\u0061ta":{}}`:                                                   `has the column "data" twice`,
		`{` + least + ",\"remarks\":\"a\xffb\"}":                                                          "must be UTF-8",
		`{` + least + ",\"data\":{\"a\":\"\xc3\"}}":                                                       "must be UTF-8",
		`{` + least + `,"data":{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}}`:  "must be one JSON object",
		`{` + least:                                             "must be one JSON object",
		`{` + least + `} x`:                                     "must be one JSON object",
		`{` + least + `,"action_time":7}`:                       "RFC 3339",
		`{` + least + `,"remarks":"a\u0000b"}`:                  "remarks has a character",
		`{` + strings.Replace(least, "Success", "", 1) + `}`:    "must have status",
		`{` + strings.Replace(least, `"Read"`, `null`, 1) + `}`: "must have action_type",
		`{` + strings.Replace(least, "declared", "", 1) + `}`:   "must have source",
	} {
		r, err := parseRow([]byte(text))
		switch {
		case want == "" && (err != nil || r.ID != id || r.Text[row.Status] != "Success" || !strings.HasPrefix(r.Text[row.Data], "{")):
			t.Errorf("%s: got %+v, %v", text, r, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q", text, err, want)
		case strings.Contains(text, least) && r.ID != id && !unreadable.MatchString(want): // reports name the row by it
			t.Errorf("%.200s: the id is %s", text, r.ID)
		}
	}
	r, err := parseRow([]byte(`{` + least + `,"action_time":"` + id.Time().Format(time.RFC3339Nano) + `","data":{"a": [1, 1.50]}}`))
	if err != nil || r.Text[row.Data] != `{"a":[1,1.50]}` {
		t.Errorf("got %+v, %v", r, err)
	}
}

var quotes = regexp.MustCompile("[\"'`]")

// squeeze returns text with one space in place of several, and without quotes.
func squeeze(text string) string {
	return strings.Join(strings.Fields(quotes.ReplaceAllString(text, "")), " ")
}

// TestGrants: what is printed is what people read.
func TestGrants(t *testing.T) {
	for _, c := range []struct {
		cfg           Config
		role, account string
		page          string
		statements    int
	}{
		{Config{Driver: "postgres"}, "collector", "collector", "databases/postgres.md", 5},
		{Config{Driver: "mysql", DSN: "u:s3cret@tcp(h)/audit"}, "collector", "collector", "databases/mysql.md", 7},
		{Config{Driver: "clickhouse"}, "collector", "collector", "databases/clickhouse.md", 2},
		{Config{Driver: "postgres"}, "auditor", "auditor", "audit/evidence.md", 1},
	} {
		page, err := os.ReadFile("../../../docs/" + c.page)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Grants(c.cfg, c.role, c.account)
		if err != nil || len(all) != c.statements {
			t.Errorf("%s: got %q, %v", c.page, all, err)
		}
		for _, statement := range all {
			if !strings.Contains(squeeze(string(page)), squeeze(statement)+";") {
				t.Errorf("docs/%s does not have %s", c.page, squeeze(statement))
			}
		}
	}
	for _, c := range []struct {
		cfg                 Config
		role, account, want string
	}{
		{Config{Driver: "sqlite"}, "auditor", "a", "sqlite has no accounts"},
		{Config{Driver: "postgres"}, "owner", "a", `got "owner"`},
		{Config{Driver: "postgres"}, "auditor", `a"; DROP TABLE b; --`, "the account must be a name"},
		{Config{}, "auditor", "a", "the driver is not clear"},
	} {
		if _, err := Grants(c.cfg, c.role, c.account); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
	if all, err := Grants(Config{Driver: "mysql", Table: "audit.activity_log"}, "collector", "c@10.%"); err != nil ||
		all[0] != "GRANT INSERT, SELECT (event_id) ON `audit`.`activity_log` TO 'c'@'10.%'" || all[6] != "GRANT CREATE TEMPORARY TABLES ON audit.* TO 'c'@'10.%'" {
		t.Errorf("got %q, %v", all, err)
	}
}
