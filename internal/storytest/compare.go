package storytest

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/rows"
)

// clockStep is how far the clocks of client, service and database may differ:
// all are the same machine's, read with different precision.
const clockStep = 2 * time.Millisecond

var spanID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Compare checks that got has exactly one row for each step that has one. It finds the
// row of a step by its trace id, which the client chose.
func (s *Story) Compare(t *testing.T, got []rows.Row) {
	t.Helper()
	byTrace := map[string][]rows.Row{}
	for _, row := range got {
		s.checkSecrets(t, row)
		byTrace[row["trace_id"]] = append(byTrace[row["trace_id"]], row)
	}
	names := sessions{}
	for _, ev := range s.events {
		t.Run(strings.Join([]string{ev.Who, ev.Method, ev.Path}, " "), func(t *testing.T) {
			found := byTrace[ev.Row["trace_id"]]
			if len(found) != 1 {
				t.Fatalf("there are %d rows, want 1: %v", len(found), found)
			}
			compareRow(t, ev, found[0], names)
		})
		delete(byTrace, ev.Row["trace_id"])
	}
	for _, left := range byTrace {
		t.Errorf("rows that nobody asked for: %v", left)
	}
}

// compareRow compares all columns: those that cannot be predicted by their form, all
// others by their value.
func compareRow(t *testing.T, ev event, got rows.Row, names sessions) {
	checkTimes(t, ev, got)
	for _, column := range rows.Columns {
		want, wanted := ev.Row[column]
		value, is := got[column]
		switch column {
		case "event_id", "action_time", "recorded_at": // by checkTimes
		case "span_id":
			if !spanID.MatchString(value) {
				t.Errorf("span_id is %q, want 16 hexadecimal digits", value)
			}
		case "session_id":
			if !names.match(want, value) {
				t.Errorf("session_id is %q, want that of %q in %v", value, want, names)
			}
		default:
			if value != want || is != wanted {
				t.Errorf("%s is %s, want %s", column, show(value, is), show(want, wanted))
			}
		}
	}
}

// checkTimes checks that the id contains the time of the action, and that this is within
// the time of the request.
func checkTimes(t *testing.T, ev event, got rows.Row) {
	t.Helper()
	id, err := activity.ParseID(got["event_id"])
	if err != nil {
		t.Error(err)
	}
	if held := id.Time().Format("2006-01-02 15:04:05.000000"); held != got["action_time"] {
		t.Errorf("action_time is %s, event_id holds %s", got["action_time"], held)
	}
	if at := id.Time(); at.Before(ev.sent.Add(-clockStep)) || at.After(ev.received.Add(clockStep)) {
		t.Errorf("action_time is %v, the request was from %v to %v", at, ev.sent.UTC(), ev.received.UTC())
	}
	recorded, err := time.Parse(rows.TimeLayout, got["recorded_at"])
	if err != nil {
		t.Error(err)
	}
	if recorded.Before(id.Time().Add(-clockStep)) || recorded.After(time.Now().Add(clockStep)) {
		t.Errorf("recorded_at is %v, action_time %v, now %v", recorded, id.Time(), time.Now().UTC())
	}
}

// checkSecrets checks that the row opens no door.
func (s *Story) checkSecrets(t *testing.T, row rows.Row) {
	t.Helper()
	for column, value := range row {
		for _, secret := range s.secrets {
			if strings.Contains(value, secret) {
				t.Errorf("column %s holds the secret %q: %s", column, secret, value)
			}
		}
	}
}

// sessions maps session ids to names: "alice's" is always the same id, and belongs to no
// other visitor.
type sessions map[string]string

func (s sessions) match(name, id string) bool {
	if name == "" || id == "" {
		return name == id
	}
	for otherName, otherID := range s {
		if (otherName == name) != (otherID == id) {
			return false
		}
	}
	s[name] = id
	return true
}

func show(value string, is bool) string {
	if !is {
		return "NULL"
	}
	return `"` + value + `"`
}
