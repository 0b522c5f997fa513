package row_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Size is what batches are measured by: never less than what the columns hold.
func TestSize(t *testing.T) {
	empty := row.Row{}
	if n := empty.Size(); n < len(empty.ID) || n > 100 {
		t.Errorf("an empty row has %d bytes", n)
	}
	for _, length := range []int{1, 1000, 1 << 20} {
		for i := range row.Names {
			r := row.Row{}
			r.Text[i] = strings.Repeat("x", length)
			if got, want := r.Size(), empty.Size()+length; got != want {
				t.Errorf("%d bytes in %s: got %d, want %d", length, row.Names[i], got, want)
			}
		}
	}
}

// TestJSON: the dead letter table has each column that is not empty, under its name.
func TestJSON(t *testing.T) {
	id := activity.HashID(time.Unix(17, 0), []byte("x"))
	whole := row.Row{ID: id}
	want := map[string]any{"event_id": id.String()}
	for i, name := range row.Names {
		r := row.Row{ID: id}
		r.Text[i] = `"` + name + `"`
		value := any(r.Text[i])
		if i == row.Data {
			value = name
		}
		whole.Text[i], want[name] = r.Text[i], value
		compareJSON(t, &r, map[string]any{"event_id": id.String(), name: value})
	}
	compareJSON(t, &whole, want)
	compareJSON(t, &row.Row{ID: id}, map[string]any{"event_id": id.String()})
}

func compareJSON(t *testing.T, r *row.Row, want map[string]any) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(r.JSON()), &got); err != nil {
		t.Fatalf("%v: %s", err, r.JSON())
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if !bytes.Equal(a, b) {
		t.Errorf("got %s, want %s", a, b)
	}
}
