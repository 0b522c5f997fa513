package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/reader"
)

// A cursor needs two columns, which are shown whatever the options say, and in the order of
// the table.
func TestColumnsOfCursors(t *testing.T) {
	for _, columns := range [][]string{nil, {"remarks"}, {"remarks", "event_id"}, {"remarks", "action_time", "event_id"}} {
		s, err := newShown(columns, nil)
		want := []string{"event_id", "action_time"}
		if columns != nil {
			want = append(want, "remarks")
		}
		if err != nil || !slices.Equal(s.columns, want) {
			t.Errorf("%q: got %q, %v, want %q", columns, s.columns, err, want)
		}
	}
}

// A change that is not JSON is an error of one activity, and of a page.
func TestChangesThatAreNotJSON(t *testing.T) {
	h := &handler{}
	for _, one := range []bool{true, false} {
		v := &view{one: one, words: English(), Entries: []Entry{{Changes: []reader.Change{{Field: "a", Before: json.RawMessage("{")}}}}}
		if err := h.writeJSON(&bytes.Buffer{}, v); err == nil {
			t.Errorf("one: %v: no error", one)
		}
	}
}

// Only what the client did not cause is in the log, with its cause.
func TestWhatIsLogged(t *testing.T) {
	for _, tt := range []struct {
		err    error
		target string
		code   int
		logged string
	}{
		{errors.New("disk of the database"), "/", 500, `"error":"read activities: disk of the database"`},
		{nil, "/?no_such=1", 400, ""},
		{reader.ErrCursor, "/", 400, ""},
	} {
		var log bytes.Buffer
		h := serve(t, &fake{err: tt.err}, WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
		w := get(t, h, tt.target)
		if w.Code != tt.code || (log.Len() > 0) != (tt.logged != "") || !strings.Contains(log.String(), tt.logged) {
			t.Errorf("%s, %v: got %d, and logged %s", tt.target, tt.err, w.Code, &log)
		}
		if strings.Contains(w.Body.String(), "disk") {
			t.Errorf("the answer has the cause: %s", w.Body)
		}
	}
}

// What needs no escape is written as it is, at the bounds, too.
func TestAppendText(t *testing.T) {
	for c := range rune(0x100) {
		text := "a" + string(c) + "b"
		want, err := json.Marshal(text)
		if got := appendText(nil, text); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// The limits of pages go up to those of the reader.
func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		standard, most int
		valid          bool
	}{{1, 1, true}, {0, 1, false}, {2, 1, false}, {1, reader.MaxLimit, true}, {1, reader.MaxLimit + 1, false}} {
		_, err := newHandler(&fake{}, WithScope(acme), WithLimits(tt.standard, tt.most))
		if (err == nil) != tt.valid {
			t.Errorf("%d and %d: got %v", tt.standard, tt.most, err)
		}
	}
}
