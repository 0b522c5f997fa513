package feed

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

func TestAcceptLanguage(t *testing.T) {
	british := English()
	british.Tag = "en-GB"
	choose := AcceptLanguage(British(british), German(), English())
	for header, want := range map[string]string{
		"": "en-GB", "de": "de", "de-AT": "de", "DE": "de", "fr": "en-GB", "fr, de;q=0.5": "de", "en;q=0.4, de;q=0.5": "de", "en": "en", "en-US": "en-GB", "de;q=0": "en-GB",
		"*": "en-GB", "de;q=x": "en-GB", ",,;": "en-GB", "de; q=0.9, en; q=0.8": "de",
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Header.Set("Accept-Language", header)
		if got := choose(r).Language(); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}

// British is a catalogue that a service has made.
type british struct{ *Messages }

func British(m *Messages) Catalogue { return british{m} }

// TestBothLanguages: they say the same things.
func TestBothLanguages(t *testing.T) {
	en, de := English(), German()
	for what, pair := range map[string][2][]string{
		"words": {keys(en.Words), keys(de.Words)}, "actions": {keys(en.Actions), keys(de.Actions)}, "actors": {keys(en.Actors), keys(de.Actors)},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s: English has %q, German %q", what, pair[0], pair[1])
		}
	}
	for _, name := range append(allColumns(), "heading", "empty", "field", "before", "after", "pages", "newer", "older") {
		if known := en.Words[name] != ""; known == slices.Contains(DefaultColumns(), name) {
			t.Errorf("%s: has a word: %v", name, known)
		}
	}
	for _, action := range activity.ActionTypes() {
		for _, m := range []*Messages{en, de} {
			for _, text := range []string{m.Actions[action].Success, m.Actions[action].Failed} {
				login := strings.HasPrefix(string(action), "Log")
				if strings.Count(text, "{actor}") != 1 || strings.Contains(text, "{object}") == login {
					t.Errorf("%s, %s: %q", m.Tag, action, text)
				}
			}
		}
	}
	if en.Word("data.reason") != "reason" || en.Word("other") != "other" {
		t.Error("a word that is not there is its name")
	}
	en.Words["heading"] = "changed"
	if English().Words["heading"] == "changed" {
		t.Error("English returns the same map twice")
	}
}

func keys[K ~string, V any](m map[K]V) (names []string) {
	for k := range maps.Keys(m) {
		names = append(names, string(k))
	}
	slices.Sort(names)
	return names
}

// TestSummary: what each combination of actor, action and object says.
func TestSummary(t *testing.T) {
	article := func(r reader.Row) reader.Row {
		r.ObjectType, r.ObjectID, r.ActionType = "article", "17", "Update"
		return r
	}
	for want, e := range map[string]Entry{
		"alice updated article “17” | alice hat Artikel „17“ geändert":                                                       {Row: article(reader.Row{ActorName: "alice", ActorID: "42"})},
		"42 updated article “17” | 42 hat Artikel „17“ geändert":                                                             {Row: article(reader.Row{ActorID: "42"})},
		"Somebody updated article “17” | Jemand hat Artikel „17“ geändert":                                                   {Row: article(reader.Row{ActorType: "user"})},
		"The system updated article “17” | Das System hat Artikel „17“ geändert":                                             {Row: article(reader.Row{ActorType: "system"})},
		"Somebody with the account of alice updated article “17” | Jemand mit dem Konto von alice hat Artikel „17“ geändert": {Row: article(reader.Row{ActorName: "alice"}), Impersonated: true},
		"Somebody read something | Jemand hat etwas gelesen":                                                                 {Row: reader.Row{ActionType: "Read"}},
		"Somebody failed to delete unicorn | Jemand konnte unicorn nicht löschen":                                            {Row: reader.Row{ActionType: "Delete", Status: "Failed", ObjectType: "unicorn"}},
		"Somebody who was not logged in failed to log in | Jemand ohne Anmeldung konnte sich nicht anmelden":                 {Row: reader.Row{ActionType: "Login Failed", ActorType: "anonymous"}},
		"Somebody: Publish, 9 (failed) | Jemand: Publish, 9 (fehlgeschlagen)":                                                {Row: reader.Row{ActionType: "Publish", Status: "Failed", ObjectID: "9"}},
		"{object} {type} updated article “{actor} {name}” | {object} {type} hat Artikel „{actor} {name}“ geändert":           {Row: reader.Row{ActionType: "Update", ActorName: "{object} {type}", ObjectType: "article", ObjectName: "{actor} {name}"}},
		"a b c: {actor}, something | a b c: {actor}, etwas":                                                                  {Row: reader.Row{ActionType: "{actor}", ActorName: "a\u2029b\rc"}},
		"Somebody: ?, something | Jemand: ?, etwas":                                                                          {},
	} {
		if got := English().Summary(&e) + " | " + German().Summary(&e); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestOwnCatalogue: a service may say everything itself, and what it says is escaped.
func TestOwnCatalogue(t *testing.T) {
	mine := English()
	mine.Tag, mine.Objects["article"], mine.Actions["Publish"] = "en-GB", "page", Sentences{"{actor} published {object} & <b>", ""}
	e := Entry{Row: reader.Row{ActionType: "Publish", ObjectType: "article", ObjectID: "1"}}
	if got := mine.Summary(&e); got != "Somebody published page “1” & <b>" {
		t.Errorf("got %q", got)
	}
	row := e.Row
	row.TenantID = "acme"
	h := serve(t, &fake{rows: []reader.Row{row}}, WithLanguage(AcceptLanguage(mine)))
	if body := get(t, h, "/?format=html").Body.String(); !strings.Contains(body, "Somebody published page “1” &amp; &lt;b&gt;") {
		t.Errorf("got %s", body)
	}
	nothing := serve(t, &fake{}, WithLanguage(func(*http.Request) Catalogue { return nil }), WithLocation(func(*http.Request) *time.Location { return nil }))
	if w := get(t, nothing, "/"); w.Code != 200 || w.Header().Get("Content-Language") != "en" {
		t.Errorf("no catalogue: %d", w.Code)
	}
}

// TestFill: signs are replaced once, and what is no sign stays.
func TestFill(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "{a}": "{b}", "{b}{a}": "1{b}", "{{a}}": "{{b}}", "{c}": "{c}", "{": "{", "{a": "{a", "x{a}y{b}z": "x{b}y1z", "}{": "}{", "{c{a}": "{c{b}", "{}": "{}",
	} {
		if got := fill(text, sign{"a", "{b}"}, sign{"b", "1"}); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
