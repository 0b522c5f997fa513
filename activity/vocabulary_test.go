package activity_test

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// TestVocabulary: services, collectors and databases of different versions agree on
// these words. A column whose attribute is called otherwise stays empty.
func TestVocabulary(t *testing.T) {
	words := map[string]string{
		"EventName": activity.EventName, "OriginalIDKey": activity.OriginalIDKey, "ClaimedTimeKey": activity.ClaimedTimeKey,
		"OriginalStatusKey": activity.OriginalStatusKey, "CutKey": activity.CutKey, "SkippedKey": activity.SkippedKey,
		"DroppedAttributesKey": activity.DroppedAttributesKey, "DroppedMembersKey": activity.DroppedMembersKey,
		"SenderKey": activity.SenderKey, "ActorVerifiedKey": activity.ActorVerifiedKey, "ActorVerifiedName": activity.ActorVerifiedName,
		"ForgedKey": activity.ForgedKey, "LogRecordUIDKey": activity.LogRecordUIDKey,
		"ChangesKey": activity.ChangesKey, "MoreChangesKey": activity.MoreChangesKey, "NotComparedKey": activity.NotComparedKey, "ClaimedKey": activity.ClaimedKey,
		"ParentKey": activity.ParentKey, "GuessedKey": activity.GuessedKey, "CountKey": activity.CountKey, "FirstKey": activity.FirstKey,
		"LastKey": activity.LastKey, "DurationKey": activity.DurationKey, "ActionLoginAttempt": string(activity.ActionLoginAttempt),
		"ObjectsKey": activity.ObjectsKey, "MoreObjectsKey": activity.MoreObjectsKey, "BatchIDKey": activity.BatchIDKey, "BatchIDName": activity.BatchIDName, "SenderName": activity.SenderName,
		"ActionCreate": string(activity.ActionCreate), "ActionRead": string(activity.ActionRead), "ActionUpdate": string(activity.ActionUpdate),
		"ActionDelete": string(activity.ActionDelete), "ActionLogin": string(activity.ActionLogin), "ActionLogout": string(activity.ActionLogout),
		"ActionLoginFailed": string(activity.ActionLoginFailed), "ActionUnknown": string(activity.ActionUnknown),
		"StatusSuccess": string(activity.StatusSuccess), "StatusFailed": string(activity.StatusFailed), "ActorUser": string(activity.ActorUser),
		"ActorService": string(activity.ActorService), "ActorSystem": string(activity.ActorSystem), "ActorAnonymous": string(activity.ActorAnonymous),
		"SourceDeclared": string(activity.SourceDeclared), "SourceDerived": string(activity.SourceDerived),
	}
	columns := activity.Columns()
	for name, value := range constants(t, "attributes.go", "activity.go") {
		if _, ok := words[name]; !ok && !slices.ContainsFunc(columns, func(c activity.Column) bool { return c.Key == value }) {
			t.Errorf("%s, %q, is not in this test: add it here and to testdata/vocabulary.tsv", name, value)
		}
	}
	for _, c := range readTable(t, "vocabulary.tsv", 3, 50) {
		what, name, want := c[0], c[1], c[2]
		if what != "column" {
			if got, ok := words[name]; !ok || got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
			delete(words, name)
			continue
		}
		if len(columns) == 0 || columns[0].Name != name || columns[0].Key != want {
			t.Fatalf("the next column is %+v, want %s of %q", columns, name, want)
		}
		columns = columns[1:]
	}
	if len(words) > 0 || len(columns) > 0 {
		t.Errorf("not in the table: %v, %v", words, columns)
	}
}

// constants returns the texts that files export, by their names.
func constants(t *testing.T, files ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !spec.Names[0].IsExported() {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				found[spec.Names[0].Name], err = strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
			}
			return true
		})
	}
	if len(found) < 50 {
		t.Fatalf("only %d constants were found", len(found))
	}
	return found
}

// A column's kind decides its type in each database.
func TestKindsOfColumns(t *testing.T) {
	for _, c := range activity.Columns() {
		want := activity.ColumnText
		switch c.Name {
		case "event_id":
			want = activity.ColumnID
		case "action_time", "recorded_at":
			want = activity.ColumnTime
		case "data":
			want = activity.ColumnJSON
		}
		if c.Kind != want {
			t.Errorf("%s is of kind %d, want %d", c.Name, c.Kind, want)
		}
	}
}

// Keys that are near one of ours belong to somebody else.
func TestColumnOfNearKeys(t *testing.T) {
	for _, c := range activity.Columns() {
		if c.Key == "" {
			continue
		}
		for _, near := range []string{
			c.Key + "s", c.Key + ".", " " + c.Key, c.Key + " ", strings.ToUpper(c.Key), c.Key[1:], c.Key[:len(c.Key)-1], c.Name,
			strings.ReplaceAll(c.Key, ".", "_"), "x." + c.Key, c.Key[:len(c.Key)-1] + "~", "~" + c.Key[1:],
		} {
			if i := activity.ColumnOfKey(near); i >= 0 {
				t.Errorf("%q is taken for %s", near, activity.Columns()[i].Name)
			}
		}
	}
}

func TestActorIsNobody(t *testing.T) {
	for _, c := range []struct {
		actor  activity.Actor
		nobody bool
		text   string
	}{
		{activity.Actor{}, true, ""},
		{activity.Actor{ID: "7"}, false, "7"},
		{activity.Actor{Type: activity.ActorSystem}, false, "system"},
		{activity.Actor{Name: "alice"}, true, "alice"}, // a claim alone
		{activity.Actor{TenantID: "acme"}, true, ""},
		{activity.Actor{ImpersonatorID: "7"}, true, ""},
		{activity.Actor{ID: "7", Name: "alice", Type: activity.ActorUser}, false, "alice"},
		{activity.Actor{ID: "7", Type: activity.ActorService}, false, "7"},
	} {
		if c.actor.IsZero() != c.nobody || c.actor.String() != c.text {
			t.Errorf("%+v: got %v, %q; want %v, %q", c.actor, c.actor.IsZero(), c.actor.String(), c.nobody, c.text)
		}
	}
}

func TestObjectIsNothing(t *testing.T) {
	for _, c := range []struct {
		object  activity.Object
		nothing bool
		text    string
	}{
		{activity.Object{}, true, ""},
		{activity.Object{Type: "article"}, false, "article"},
		{activity.Object{ID: "17"}, false, "17"},
		{activity.Object{Name: "Hello"}, false, ""},
		{activity.Object{Type: "article", ID: "17"}, false, "article 17"},
		{activity.Object{Type: "article", ID: "17", Name: "Hello"}, false, "article 17"},
		{activity.Object{Type: "blog post", ID: "a b"}, false, "blog post a b"},
	} {
		if c.object.IsZero() != c.nothing || c.object.String() != c.text {
			t.Errorf("%+v: got %v, %q; want %v, %q", c.object, c.object.IsZero(), c.object.String(), c.nothing, c.text)
		}
	}
}

// The known actions are complete, and a caller cannot change them for others.
func TestActionTypes(t *testing.T) {
	want := []activity.ActionType{"Create", "Read", "Update", "Delete", "Login", "Logout", "Login Failed", "Login Attempt"}
	got := activity.ActionTypes()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	got[0] = "changed"
	if again := activity.ActionTypes(); !slices.Equal(again, want) {
		t.Errorf("after a change: got %q, want %q", again, want)
	}
}

// All ways to write an id agree: in a database, in JSON, as a key of a map, appended.
func TestWaysToWriteAnID(t *testing.T) {
	id := activity.HashID(time.Date(2026, 11, 23, 3, 49, 5, 0, time.UTC), []byte("x"))
	const want = "01a20685-8b68-7000-ad71-1642b726b044"
	value, err := driver.Valuer(id).Value()
	if value != want || err != nil {
		t.Errorf("Value: got %v, %v", value, err)
	}
	if got := string(id.Append([]byte("id="))); got != "id="+want {
		t.Errorf("Append: got %q", got)
	}
	text, err := json.Marshal(map[activity.ID]activity.ID{id: id})
	if string(text) != `{"`+want+`":"`+want+`"}` || err != nil {
		t.Errorf("JSON: got %s, %v", text, err)
	}
	if (activity.ID{}).String() != "00000000-0000-0000-0000-000000000000" || !(activity.ID{}).IsZero() || id.IsZero() {
		t.Error("the zero id is not zero, or another one is")
	}
	if activity.NewID().IsZero() {
		t.Error("a new id is zero")
	}
}

// An id of a later time is greater, as bytes and as text, whatever was hashed: this
// is what lists, pages and partitions go by.
func TestHashIDOrderIsTimeOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	at := time.Date(2026, 11, 23, 3, 49, 5, 0, time.UTC)
	for _, step := range []time.Duration{time.Microsecond, 999 * time.Microsecond, time.Millisecond, time.Second, time.Hour, 24 * 365 * time.Hour} {
		before := activity.HashID(at, []byte("first"))
		for range 1000 {
			at = at.Add(step)
			if at.Year() > 10_000 {
				at = time.Date(1970, 1, 1, 0, 0, 1, 0, time.UTC)
				before = activity.HashID(at, nil)
				continue
			}
			id := activity.HashID(at, []byte{byte(r.Uint32()), byte(r.Uint32())})
			if bytes.Compare(before[:], id[:]) >= 0 || before.String() >= id.String() {
				t.Fatalf("%v is not before %v, which is %v later", before, id, step)
			}
			before = id
		}
	}
}

// What is not an id may be as long as a request. The error has the beginning of it.
func TestErrorOfALongID(t *testing.T) {
	_, err := activity.ParseID(strings.Repeat("x", 1<<20))
	if err == nil || len(err.Error()) > 200 || !strings.Contains(err.Error(), "parse activity id") {
		t.Errorf("got %.300v", err)
	}
}

// Two acts at one moment have two ids.
func TestNewIDsAreUnique(t *testing.T) {
	at := time.Date(2026, 11, 23, 3, 49, 5, 0, time.UTC)
	seen := map[activity.ID]bool{}
	for range 100_000 {
		id := activity.NewIDAt(at)
		if seen[id] {
			t.Fatalf("%v was made twice", id)
		}
		seen[id] = true
		if !id.Time().Equal(at) {
			t.Fatalf("%v holds %v", id, id.Time())
		}
	}
}

// A time beyond those that an id holds counts as the last one that it does.
func TestLastTimeOfAnID(t *testing.T) {
	last := time.UnixMilli(1<<48 - 1).UTC()
	for _, at := range []time.Time{last, last.Add(time.Millisecond), last.AddDate(10_000, 0, 0)} {
		if got := activity.NewIDAt(at).Time(); !got.Equal(last) {
			t.Errorf("the id of %v holds %v, want %v", at, got, last)
		}
	}
}
