package dialecttest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

var updateAnswers = flag.Bool("update", false, "write the answers to docs/audit/queries.md on this database into testdata; read them before you commit them")

// questions runs each statement of docs/audit/queries.md on a made data set.
func questions(t *testing.T, h Harness) {
	if h.Dialect.Goose() == "" || !slices.Contains(migrations(t, h), "00002_views.sql") {
		t.Log("does not apply: this dialect makes no views")
		return
	}
	o := h.open(t, h.New(t), nil)
	o.write(story(time.Now())...)
	answers := map[string][]string{}
	golden := filepath.Join(repository(t), "exporter/activitylogexporter/internal/dialecttest/testdata/answers.json")
	if content, err := os.ReadFile(golden); err != nil || json.Unmarshal(content, &answers) != nil {
		t.Logf("no answers yet: %v", err)
	}
	asked := 0
	for number, statement := range statements(t, h.Dialect.Goose()) {
		got := o.table(statement)
		asked++
		if *updateAnswers {
			answers[number] = got
			continue
		}
		if len(got) == 0 {
			t.Errorf("question %s has no answer", number)
		}
		if want := answers[number]; strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("question %s:\n%s\n\nwant:\n%s", number, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if asked != 20 {
		t.Errorf("%d questions, want 20", asked)
	}
	if *updateAnswers {
		text, err := json.MarshalIndent(answers, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// repository is the folder above that has docs/audit/queries.md.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "docs/audit/queries.md")); err == nil {
			return dir
		}
	}
	t.Fatal("there is no docs/audit/queries.md in any folder above")
	return ""
}

var statementBlock = regexp.MustCompile("(?s)```sql ?(\\w*)\n(.*?)```")

// statements returns the statements of docs/audit/queries.md for a dialect, by the
// number of the question.
func statements(t *testing.T, dialect string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository(t), "docs/audit/queries.md"))
	if err != nil {
		t.Fatal(err)
	}
	if dialect == "sqlite3" {
		dialect = "sqlite"
	}
	found := map[string]string{}
	number := ""
	for _, part := range strings.Split(string(content), "\n**") {
		before, rest, ok := strings.Cut(part, ". ")
		if _, err := strconv.Atoi(before); err != nil || !ok {
			continue
		}
		number = before
		for _, block := range statementBlock.FindAllStringSubmatch(rest, -1) {
			if block[1] == "" || block[1] == dialect {
				found[number] = block[2]
			}
		}
	}
	return found
}

// table returns what a query gives, a text for each row.
func (o *opened) table(query string) (lines []string) {
	o.t.Helper()
	result, err := o.db.QueryContext(o.t.Context(), query)
	if err != nil {
		o.t.Errorf("%s: %v", query, err)
		return nil
	}
	defer result.Close()
	columns, err := result.Columns()
	if err != nil {
		o.t.Fatal(err)
	}
	for result.Next() {
		values := make([]any, len(columns))
		pointers := make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := result.Scan(pointers...); err != nil {
			o.t.Fatalf("%s: %v", query, err)
		}
		cells := make([]string, len(columns))
		for i, v := range values {
			cells[i] = o.cell(columns[i], v)
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	if err := result.Err(); err != nil {
		o.t.Errorf("%s: %v", query, err)
	}
	return lines
}

// cell makes one spelling of what drivers return in several.
func (o *opened) cell(column string, v any) string {
	switch {
	case v == nil:
		return ""
	case strings.HasSuffix(column, "_time"):
		at := o.time(v).UTC()
		if time.Since(at) < 3*time.Hour {
			return "in the last hours"
		}
		return at.Format("2006-01-02 15:04:05")
	case column == "day":
		if day, ok := v.(time.Time); ok {
			return day.Format(time.DateOnly)
		}
	}
	if s, ok := v.(interface{ String() string }); ok && !isTime(v) { // decimals
		v = s.String()
	}
	if p, ok := v.(*string); ok {
		if p == nil {
			return ""
		}
		v = *p
	}
	text := fmt.Sprint(v)
	if b, ok := v.([]byte); ok {
		text = string(b)
	}
	if column == "day" {
		return text[:10]
	}
	if column == "changes" && strings.HasPrefix(text, "{") {
		var decoded any
		if json.Unmarshal([]byte(text), &decoded) == nil {
			compact, _ := json.Marshal(decoded)
			return string(compact)
		}
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && column != "object_id" && column != "actor_id" {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return text
}

func isTime(v any) bool { _, ok := v.(time.Time); return ok }

// story is a data set that has an answer to each question: some of it on fixed
// days, some of it before now.
func story(now time.Time) []row.Row {
	var rows []row.Row
	day := time.Date(2026, 11, 19, 8, 0, 0, 0, time.UTC)
	add := func(at time.Time, fields map[int]string) {
		r := row.Row{ID: activity.NewIDAt(at)}
		r.Text[row.Status], r.Text[row.Source], r.Text[row.ServiceName] = "Success", "declared", "blog"
		r.Text[row.Data] = "{}"
		for column, text := range fields {
			r.Text[column] = text
		}
		if r.Text[row.ActorID] != "" && r.Text[row.ActorType] == "" {
			r.Text[row.ActorType] = "user"
		}
		r.Text[row.SpanID] = fmt.Sprintf("%016x", len(rows)+1)
		rows = append(rows, r)
	}
	alice := func(f map[int]string) map[int]string {
		f[row.ActorID], f[row.ActorName], f[row.SessionID], f[row.ClientAddress] = "42", "alice", "s-alice-1", "192.0.2.7"
		return f
	}
	bob := func(f map[int]string) map[int]string {
		f[row.ActorID], f[row.ActorName], f[row.ClientAddress] = "7", "bob", "198.51.100.9"
		return f
	}
	article := func(action, id, changes string) map[int]string {
		data := "{}"
		if changes != "" {
			data = `{"changes":` + changes + `}`
		}
		return map[int]string{row.ActionType: action, row.ObjectType: "article", row.ObjectID: id, row.Data: data,
			row.ActionName: action + " /articles/{id}", row.Remarks: action + " article " + id}
	}
	minute := func(n int) time.Time { return day.Add(time.Duration(n) * time.Minute) }

	// The nineteenth.
	add(minute(0), alice(map[int]string{row.ActionType: "Login", row.ObjectType: "session"}))
	add(minute(1), alice(article("Create", "17", "")))
	add(minute(2), alice(article("Update", "17", `{"title":["Tea","A mad tea party"]}`)))
	add(minute(3), bob(article("Read", "17", "")))
	add(minute(4), bob(map[int]string{row.ActionType: "Read", row.ObjectType: "article", row.Data: `{"sample_weight":10}`}))
	refused := bob(article("Update", "17", ""))
	refused[row.Status], refused[row.ErrorType] = "Failed", "403"
	add(minute(5), refused)
	add(minute(6), map[int]string{row.ActionType: "Read", row.ObjectType: "salary", row.ObjectID: "9", row.ActorID: "3", row.ActorName: "carol"})
	add(minute(7), map[int]string{row.ActionType: "Read", row.ObjectType: "salary", row.ObjectID: "9", row.ActorID: "3", row.ActorName: "carol"})
	add(minute(8), alice(map[int]string{row.ActionType: "Read", row.ObjectType: "salary", row.ObjectID: "9"}))
	add(minute(9), alice(map[int]string{row.ActionType: "Logout", row.ObjectType: "session"}))

	// The twentieth: somebody tries accounts, and comes in.
	day = day.AddDate(0, 0, 1)
	for i, claimed := range []string{"admin", "root", "alice", "alice"} {
		add(minute(i), map[int]string{row.ActionType: "Login Failed", row.Status: "Failed", row.ErrorType: "401", row.ActorType: "anonymous",
			row.ClientAddress: "203.0.113.5", row.Data: `{"claimed":"` + claimed + `"}`})
	}
	intruder := alice(map[int]string{row.ActionType: "Login", row.ObjectType: "session"})
	intruder[row.ClientAddress], intruder[row.SessionID] = "203.0.113.5", "s-alice-2"
	add(minute(5), intruder)
	add(minute(6), alice(article("Update", "17", `{"body":["No room!","Plenty"],"title":["A mad tea party","Tea"]}`)))
	traced := alice(article("Delete", "18", ""))
	traced[row.TraceID], traced[row.ObjectName] = "4bf92f3577b34da6a3ce929d0e0e4736", "Old tea"
	add(minute(7), traced)
	support := alice(article("Update", "17", ""))
	support[row.ImpersonatorID] = "support-1"
	add(minute(8), support)
	add(minute(9), map[int]string{row.ActionType: "Delete", row.ObjectType: "order", row.ObjectID: "5", row.ActorType: "system", row.ServiceName: "shop", row.Source: "derived"})
	add(minute(10), map[int]string{row.ActionType: "Create", row.ActionName: "POST /orders", row.ObjectType: "order", row.Status: "Failed", row.ErrorType: "401",
		row.ActorType: "anonymous", row.ServiceName: "shop", row.Source: "derived", row.ClientAddress: "203.0.113.6"})

	// The last hour.
	for i, claimed := range []string{"bob", "bob", "carol"} {
		add(now.Add(time.Duration(i-60)*time.Minute), map[int]string{row.ActionType: "Login Failed", row.Status: "Failed", row.ErrorType: "401",
			row.ActorType: "anonymous", row.ClientAddress: "203.0.113.7", row.Data: `{"claimed":"` + claimed + `"}`})
	}
	return rows
}
