package activity_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// readTable returns the lines of a table in testdata, of which there are so many. Its
// cells are separated by tabs. One that begins with a quotation mark is written as
// a string of Go is. Lines that begin with # are comments.
func readTable(t *testing.T, name string, cells, least int) (lines [][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != cells {
			t.Fatalf("%s: %q has %d cells, want %d", name, line, len(c), cells)
		}
		for i := range c {
			if strings.HasPrefix(c[i], `"`) {
				if c[i], err = strconv.Unquote(c[i]); err != nil {
					t.Fatalf("%s: %q: %v", name, line, err)
				}
			}
		}
		lines = append(lines, c)
	}
	if len(lines) < least {
		t.Fatalf("%s has %d lines, want %d at least", name, len(lines), least)
	}
	return lines
}

func TestAddressTable(t *testing.T) {
	for _, c := range readTable(t, "addresses.tsv", 3, 120) {
		text, clean, isIP := c[0], c[1], c[2] == "ip"
		if got := activity.CleanAddress(text); got != clean {
			t.Errorf("CleanAddress(%q): got %q, want %q", text, got, clean)
		}
		addr, ok := activity.ParseAddress(text)
		if ok != isIP || ok && addr.String() != clean {
			t.Errorf("ParseAddress(%q): got %v, %v; want %q, %v", text, addr, ok, clean, isIP)
		}
		if again := activity.CleanAddress(clean); isIP && again != clean {
			t.Errorf("%q is clean, and cleaning it again gives %q", clean, again)
		}
	}
}

func TestWordTable(t *testing.T) {
	for _, c := range readTable(t, "words.tsv", 2, 70) {
		if got := strings.Join(activity.Words(c[0]), " "); got != c[1] {
			t.Errorf("%q: got %q, want %q", c[0], got, c[1])
		}
	}
}

func TestNumberTable(t *testing.T) {
	for _, c := range readTable(t, "numbers.tsv", 3, 70) {
		var want any = c[2]
		switch c[1] {
		case "int":
			want, _ = strconv.ParseInt(c[2], 10, 64)
		case "float":
			want, _ = strconv.ParseFloat(c[2], 64)
		}
		if got := activity.JSONNumber(json.Number(c[0])); got != want {
			t.Errorf("%s: got %v (%T), want %v (%T)", c[0], got, got, want, want)
		}
	}
}

// An id that was made once must be made again, in every version and by any program.
func TestHashIDTable(t *testing.T) {
	for _, c := range readTable(t, "hashids.tsv", 4, 45) {
		at, err := time.Parse(time.RFC3339Nano, c[0])
		if err != nil {
			t.Fatal(err)
		}
		holds, err := time.Parse(time.RFC3339Nano, c[3])
		if err != nil {
			t.Fatal(err)
		}
		id := activity.HashID(at, []byte(c[1]))
		if id.String() != c[2] || !id.Time().Equal(holds) {
			t.Errorf("HashID(%s, %q): got %s of %v, want %s of %v", c[0], c[1], id, id.Time(), c[2], holds)
		}
		if there := time.FixedZone("", 5*3600+1800); activity.HashID(at.In(there), []byte(c[1])) != id {
			t.Errorf("HashID(%s, %q) is another one in another time zone", c[0], c[1])
		}
	}
}

// ParseID takes what String writes, in letters of either case, and nothing else.
func TestParseIDTable(t *testing.T) {
	for _, c := range readTable(t, "ids.tsv", 3, 70) {
		id, err := activity.ParseID(c[1])
		if valid := c[2] != ""; (err == nil) != valid || valid && id.String() != c[2] || !valid && !id.IsZero() {
			t.Errorf("%s: ParseID(%q) = %v, %v", c[0], c[1], id, err)
		}
		var fromJSON struct{ ID activity.ID }
		text, _ := json.Marshal(map[string]string{"ID": c[1]})
		if err := json.Unmarshal(text, &fromJSON); (err == nil) != (c[2] != "") || fromJSON.ID != id {
			t.Errorf("%s: JSON %s: got %v, %v", c[0], text, fromJSON.ID, err)
		}
	}
}

// TestKnownWordTable: the words for actions and statuses that services use, the
// methods of HTTP and its codes.
func TestKnownWordTable(t *testing.T) {
	for _, c := range readTable(t, "words_known.tsv", 3, 200) {
		kind, word, want := c[0], c[1], c[2]
		got, ok, unknown := "", false, ""
		switch kind {
		case "action":
			action, known := activity.ParseActionType(word)
			got, ok, unknown = string(action), known, word // any word may be an action
		case "status":
			status, known := activity.ParseStatus(word)
			got, ok = string(status), known
		case "method":
			action, known := activity.ActionTypeFromMethod(word)
			got, ok = string(action), known
		case "code":
			code, err := strconv.Atoi(word)
			got, ok = string(activity.StatusFromHTTP(code)), err == nil
		default:
			t.Fatalf("no kind %q", kind)
		}
		if want == "" {
			want = unknown
		}
		if got != want || ok != (c[2] != "") {
			t.Errorf("%s %q: got %q, %v; want %q", kind, word, got, ok, want)
		}
	}
}

// TestRemarksTable: the default sentence of each kind of actor, action, status and
// object.
func TestRemarksTable(t *testing.T) {
	for _, c := range readTable(t, "remarks.tsv", 8, 170) {
		a := activity.Activity{ActionType: activity.ActionType(c[1]), Status: activity.Status(c[2]), ClientAddress: c[4], ActionName: c[5]}
		for part := range strings.FieldsSeq(c[0]) {
			switch key, value, _ := strings.Cut(part, "="); key {
			case "id":
				a.Actor.ID = value
			case "name":
				a.Actor.Name = value
			case "type":
				a.Actor.Type = activity.ActorType(value)
			}
		}
		a.Object.Type, a.Object.ID, _ = strings.Cut(c[3], " ")
		if c[6] != "" {
			a.Data = map[string]any{activity.ClaimedKey: c[6]}
		}
		if got := a.DefaultRemarks(); got != c[7] {
			t.Errorf("%q: got %q, want %q", c, got, c[7])
		}
		if got := string(a.AppendDefaultRemarks([]byte("before "))); got != "before "+c[7] {
			t.Errorf("appended: got %q, want %q after the text before", got, c[7])
		}
	}
}
