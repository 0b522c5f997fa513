package operate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// jsonLines returns rows as an export.
func jsonLines(rows []row.Row) string {
	var text strings.Builder
	for i := range rows {
		line := map[string]json.RawMessage{}
		if err := json.Unmarshal([]byte(rows[i].JSON()), &line); err != nil {
			panic(err)
		}
		line["action_time"], _ = json.Marshal(rows[i].ID.Time().UTC())
		line["recorded_at"], _ = json.Marshal(time.Now().UTC())
		encoded, _ := json.Marshal(line)
		text.Write(append(encoded, '\n'))
	}
	return text.String()
}

func importText(t *testing.T, table *operate.Table, text string, dry bool) (operate.Imported, string) {
	t.Helper()
	var said strings.Builder
	counts, err := table.Import(t.Context(), strings.NewReader(text), dry, func(line int, id activity.ID, outcome operate.Outcome, why string) {
		fmt.Fprintln(&said, line, id, outcome, why)
	}, func(operate.Imported) {})
	if err != nil {
		t.Fatal(err)
	}
	return counts, said.String()
}

func importErr(t *testing.T, table *operate.Table) error {
	_, err := table.Import(t.Context(), strings.NewReader(jsonLines(makeRows(1))), false, nil, nil)
	return err
}

func imports(t *testing.T, db *database) {
	table := db.created(t)
	rows := makeRows(5500) // more than are written at once
	db.exporter(t, rows[100:300]...)
	text := jsonLines(rows)
	counts, _ := importText(t, table, text, true)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 5300, operate.There: 200})
	db.count(t, 200, 0)
	counts, said := importText(t, table, text, false)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 5300, operate.There: 200})
	db.count(t, 5500, 0)
	counts, again := importText(t, table, text, false)
	equal(t, counts, map[operate.Outcome]int{operate.There: 5500})
	db.count(t, 5500, 0)
	if said+again != "" {
		t.Errorf("got %s%s", said, again)
	}
	db.exporter(t, rows...)
	db.count(t, 5500, 0)
}

func importsReport(t *testing.T, db *database) {
	table := db.created(t)
	rows := makeRows(8)
	db.exporter(t, rows[0], rows[1])
	other := rows[1]
	other.Text[row.Remarks] = "other remarks"
	rows[3].Text[row.ActorID] = "refused"
	twice := rows[5]
	twice.Text[row.ActorName] = "somebody else"
	db.exec(t, db.refuse)
	lines := []string{
		jsonLines(rows[:1]), jsonLines([]row.Row{other}), "{\"event_id\": 1}\n", "\n", jsonLines(rows[2:5]), "no JSON\n",
		jsonLines([]row.Row{rows[5], twice, rows[5]}), strings.Replace(jsonLines(rows[6:7]), `"remarks"`, `"remark"`, 1),
		strings.Replace(jsonLines(rows[7:]), `"action_time":"20`, `"action_time":"19`, 1),
	}
	counts, said := importText(t, table, strings.Join(lines, ""), false)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 3, operate.There: 2, operate.Conflicting: 2, operate.Rejected: 1, operate.Unreadable: 4})
	for _, part := range []string{
		"2 " + rows[1].ID.String() + " conflict the row with this id has another [remarks]", "3 ", "event_id must be text", "6 " + rows[3].ID.String() + " rejected",
		"8 00000000-0000-0000-0000-000000000000 unreadable", "conflict the row with this id has another [actor_name]", `no column "remark"`, "must be the time in event_id",
	} {
		if !strings.Contains(said, part) {
			t.Errorf("no %q in:\n%s", part, said)
		}
	}
	db.count(t, 5, 0)
	present, err := table.Present(t.Context(), rows[1].ID)
	if err != nil || strings.Contains(present, "other remarks") {
		t.Errorf("the row has become %s, %v", present, err)
	}
	_, err = table.Import(t.Context(), strings.NewReader(strings.Repeat("x", operate.MaxLine+1)), false, nil, func(operate.Imported) {})
	if err == nil || !strings.Contains(err.Error(), "longer than 64 MiB") {
		t.Errorf("got %v", err)
	}
	_, err = table.Import(t.Context(), broken{}, false, nil, nil)
	if !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

var errBroken = errors.New("the disk is broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }
