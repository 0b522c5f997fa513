package feed

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/otelactivity/activitylog/reader"
)

func berlin(t *testing.T) func(*http.Request) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return func(*http.Request) *time.Location { return zone }
}

// TestGolden compares whole responses with files, in both languages.
func TestGolden(t *testing.T) {
	from := &fake{rows: hostile(t), next: "CURSOR"}
	plain := serve(t, from, WithLanguage(AcceptLanguage(English(), German())), WithLocation(berlin(t)))
	more := serve(t, from, WithLanguage(AcceptLanguage(English(), German())),
		WithColumns(append(DefaultColumns(), "client_address", "impersonator_id", "recorded_at")...), WithData("changes", "reason"), WithPath("/account/activity"))
	for name, h := range map[string]http.Handler{"plain": plain, "more": more} {
		for _, format := range []string{"html", "json", "csv"} {
			for _, language := range []string{"en", "de"} {
				w := get(t, h, "/?format="+format+"&status=Success", "Accept-Language", language)
				if w.Code != 200 || w.Header().Get("Content-Language") != language {
					t.Fatalf("%s %s: %d %s", name, format, w.Code, w.Body)
				}
				golden(t, name+"."+language+"."+format, w.Body.String())
			}
		}
	}
	w := get(t, serve(t, &fake{}), "/?format=html")
	golden(t, "empty.en.html", w.Body.String())
	w = get(t, serve(t, &fake{rows: from.rows[:1]}), "/01000000-0000-7000-8000-000000000000")
	golden(t, "one.en.json", w.Body.String())
}

// TestFragmentIsInert looks for what only we may write: there are no elements, attributes
// or styles but those of the template.
func TestFragmentIsInert(t *testing.T) {
	h := serve(t, &fake{rows: hostile(t), next: "CURSOR"}, WithColumns(allColumns()...), WithData("changes", "reason"))
	body := get(t, h, "/?format=html&actor_id=%22%3E%3Cscript%3E").Body.String()
	known := regexp.MustCompile(`^/?(section|ol|li|time|p|dl|div|dt|dd|table|thead|tbody|tr|th|td|del|ins|nav|a)$`)
	attribute := regexp.MustCompile(`^(class|lang|aria-label|datetime|scope|rel|href)$`)
	for _, tag := range regexp.MustCompile(`<([^>]*)>`).FindAllStringSubmatch(body, -1) {
		name, rest, _ := strings.Cut(tag[1], " ")
		if !known.MatchString(name) {
			t.Errorf("an element %q", tag[0])
		}
		for _, a := range regexp.MustCompile(`([a-z-]+)="[^"]*"`).FindAllStringSubmatch(rest, -1) {
			if !attribute.MatchString(a[1]) {
				t.Errorf("an attribute %q", a[0])
			}
		}
		if left := regexp.MustCompile(`[a-z-]+="[^"]*"`).ReplaceAllString(rest, ""); strings.TrimSpace(left) != "" {
			t.Errorf("more than attributes: %q", tag[0])
		}
	}
	for _, word := range []string{"style", "javascript:", "onclick"} {
		if strings.Contains(strings.ToLower(body), word+"=") {
			t.Errorf("there is %s", word)
		}
	}
	if n := strings.Count(body, "<li "); n != len(hostile(t)) {
		t.Errorf("got %d items", n)
	}
}

// TestJSONIsExact reads a response back: values are as they are in the database.
func TestJSONIsExact(t *testing.T) {
	rows := hostile(t)
	var got struct {
		Activities []reader.Row
		Next       string
	}
	body := get(t, serve(t, &fake{rows: rows, next: "CURSOR"}), "/").Body.Bytes()
	if err := json.Unmarshal(body, &got); err != nil || got.Next != "CURSOR" || len(got.Activities) != len(rows) {
		t.Fatalf("%v: %s", err, body)
	}
	for i, row := range got.Activities {
		want := reader.Row{EventID: rows[i].EventID, ActionTime: rows[i].ActionTime, ActorID: rows[i].ActorID, ActorType: rows[i].ActorType, ActorName: rows[i].ActorName,
			ActionType: rows[i].ActionType, Status: rows[i].Status, ObjectType: rows[i].ObjectType, ObjectID: rows[i].ObjectID, ObjectName: rows[i].ObjectName}
		a, _ := json.Marshal(row)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Errorf("got\n%s, want\n%s", a, b)
		}
	}
}
