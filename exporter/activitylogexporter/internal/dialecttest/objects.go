package dialecttest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// merged are rows of acts on several objects, with what the view has of them besides the
// main object, article 17.
var merged = []struct{ data, want string }{
	{`{"objects":[{"id":"18","name":"Tea, \"hot\" 日本","parent":{"id":"3","type":"blog"},"type":"article"},{"id":"5","type":"user"}]}`,
		`article|18|Tea, "hot" 日本; user|5|`},
	{`{"changes":{"objects":[1,2]},"note":"\"objects\":[{\"id\":\"99\"}]"}`, ""}, // of other things
	{`{"objects":[]}`, ""},
	{`{"objects":"article 18"}`, ""}, // of a service of somebody else
	{`{"objects":{"id":"18","type":"article"}}`, ""},
	{`{"objects":[1,"18",null,[],{"id":"18"},{"type":"article"}]}`, `article||; |18|`},
	{`{"objects":[{"id":"it's","name":"","type":"Artikel"},{"id":"ABC","type":"ARTICLE"},{"id":"abc","type":"article"}]}`, "ARTICLE|ABC|; Artikel|it's|; article|abc|"},
	{`{"objects":[{"id":7,"type":"article"},{"id":"null","name":"null","type":"article"},{"id":null,"name":null,"type":"article"}]}`,
		"article|7|; article|null|null; article||"}, // a number is an id, and null is none, but "null" is one
}

// objectsOf returns what the view has of a row besides its main object.
func (o *opened) objectsOf(r *row.Row) string {
	o.t.Helper()
	all := o.strings(fmt.Sprintf("SELECT %s FROM activity_log_objects WHERE event_id = '%s' AND NOT is_main",
		o.concat("coalesce(object_type, '')", "'|'", "coalesce(object_id, '')", "'|'", "coalesce(object_name, '')"), r.ID))
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// concat is an expression for texts one after the other.
func (o *opened) concat(parts ...string) string {
	if o.h.Dialect.Goose() == "sqlite3" {
		return strings.Join(parts, " || ")
	}
	return "concat(" + strings.Join(parts, ", ") + ")"
}

func (h Harness) hasObjects(t *testing.T) bool {
	t.Helper()
	if h.Dialect.Goose() == "" || !slices.Contains(migrations(t, h), "00005_objects.sql") {
		t.Log("does not apply: this dialect makes no views")
		return false
	}
	return true
}

// objects: each act on an object is found, whether it is the main one or not, whoever wrote the
// row and however often it came.
func objects(t *testing.T, h Harness) {
	if !h.hasObjects(t) {
		return
	}
	o := h.open(t, h.New(t), nil)
	rows := Rows(400)
	for i := range rows {
		rows[i].Text[row.ObjectType], rows[i].Text[row.ObjectID] = "page", fmt.Sprint(i)
	}
	for i := range merged {
		text := &rows[50*i].Text
		text[row.ObjectType], text[row.ObjectID], text[row.ObjectName], text[row.Data] = "article", "17", "Down", merged[i].data
	}
	rows[1].Text[row.ObjectType], rows[1].Text[row.ObjectID] = "", ""
	check := func() {
		t.Helper()
		for i := range merged {
			if got := o.objectsOf(&rows[50*i]); got != merged[i].want {
				t.Errorf("%s: got %s, want %s", merged[i].data, got, merged[i].want)
			}
		}
		o.expect(399, "SELECT count(*) FROM activity_log_objects WHERE is_main")
		o.expect(len(merged), "SELECT count(*) FROM activity_log_objects WHERE object_type = 'article' AND object_id = '17'")
		o.expect(1, "SELECT count(*) FROM activity_log_objects WHERE object_type = 'article' AND object_id = '18'")
		o.expect(1, "SELECT count(*) FROM activity_log_objects WHERE object_type = 'article' AND object_id = '7'")
		o.expect(1, "SELECT count(*) FROM activity_log_objects WHERE object_type = 'article' AND object_id = 'abc'")
		o.expect(1, fmt.Sprintf("SELECT count(*) FROM activity_log_objects WHERE object_type = 'user' AND object_id = '5' AND actor_id = '%s' AND action_type = 'Update' AND status = 'Success'",
			rows[0].Text[row.ActorID]))
	}
	o.write(slices.Clone(rows)...)
	check()
	o.write(slices.Clone(rows)...) // all of them again
	check()
	more := Rows(20)
	o.write(slices.Concat(rows[300:], more)...) // some of them
	o.expect(len(more), fmt.Sprintf("SELECT count(*) FROM activity_log_objects WHERE is_main AND event_id >= '%s'", more[0].ID))
	if _, able := h.Dialect.(dialect.Reader); able { // a row that is refused has no objects
		forged := slices.Clone(rows[:1])
		forged[0].Text[row.ActorID], forged[0].Text[row.Data] = "mallory", `{"objects":[{"id":"666","type":"article"}]}`
		o.write(forged...)
		o.expect(0, "SELECT count(*) FROM activity_log_objects WHERE object_id = '666'")
		o.expect(1, "SELECT count(*) FROM activity_log_dead_letter")
	}
	if got := o.objectsOf(&rows[0]); got != merged[0].want {
		t.Errorf("got %s, want %s", got, merged[0].want)
	}
	o.changeObjects(rows)
}

// changeObjects: what is changed or deleted in the table is so in the view.
func (o *opened) changeObjects(rows []row.Row) {
	if _, able := o.h.Dialect.(dialect.Expirer); !able {
		return // retention is the owner's, and so is the rest
	}
	o.exec(fmt.Sprintf(`UPDATE activity_log SET data = '{"objects":[{"id":"19","type":"article"}]}' WHERE event_id = '%s'`, rows[0].ID))
	if got := o.objectsOf(&rows[0]); got != "article|19|" {
		o.t.Errorf("after an update: %s", got)
	}
	o.exec(fmt.Sprintf("UPDATE activity_log SET data = '{}' WHERE event_id = '%s'", rows[0].ID))
	if got := o.objectsOf(&rows[0]); got != "" {
		o.t.Errorf("after another update: %s", got)
	}
	o.exec("DELETE FROM activity_log")
	o.expect(0, "SELECT count(*) FROM activity_log_objects")
}

// batches: the documented SQL finds the acts of a batch.
func batches(t *testing.T, h Harness) {
	if !h.hasObjects(t) {
		return
	}
	o := h.open(t, h.New(t), nil)
	o.write(Rows(5)...)
	batch, rows := activity.NewID(), Rows(5)
	for i := range rows {
		rows[i].ID = activity.NewID()
	}
	for _, i := range []int{0, 2, 3} {
		rows[i].Text[row.Data] = `{"batch_id":"` + batch.String() + `"}`
	}
	rows[4].Text[row.Data] = `{"batch_id":"` + activity.NewID().String() + `"}`
	o.write(slices.Clone(rows)...)
	content, err := os.ReadFile(filepath.Join(repository(t), "docs/audit/queries.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(content), "\n**Which activities belong to the batch")
	_, statement, found := strings.Cut(section, "```sql "+strings.TrimSuffix(h.Dialect.Goose(), "3")+"\n")
	statement, _, _ = strings.Cut(statement, "```")
	if !found {
		t.Fatal("docs/audit/queries.md does not say how to find a batch")
	}
	if got := o.table(strings.ReplaceAll(statement, "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71", batch.String())); len(got) != 3 {
		t.Errorf("%d activities of the batch, want 3: %q", len(got), got)
	}
}
