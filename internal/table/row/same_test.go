package row

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// sameCase is a row that is in the table and one with its id that comes later. Each
// is alice's update of article 17, except for the columns that are named.
type sameCase struct {
	Why          string
	There, Later map[string]string
	Same         bool
}

func (c *sameCase) rows(t *testing.T) (there, later *Row) {
	t.Helper()
	return aliceUpdated(t, c.There), aliceUpdated(t, c.Later)
}

func aliceUpdated(t *testing.T, except map[string]string) *Row {
	t.Helper()
	r := &Row{}
	for column, text := range map[int]string{
		ActorID: "alice", ActorType: "user", ActorName: "alice", ImpersonatorID: "7", TenantID: "acme", ActionType: "Update",
		ActionName: "PATCH /articles/{id}", Status: "Success", ObjectType: "article", ObjectID: "17", Remarks: "alice updated article 17",
		Data: "{}", ClientAddress: "192.0.2.7", ServiceName: "blog", TraceID: "00000000000000000000000000000001", SpanID: "0000000000000001",
		Source: "declared",
	} {
		r.Text[column] = text
	}
	for name, text := range except {
		i := slices.Index(Names[:], name)
		if i < 0 {
			t.Fatalf("there is no column %q", name)
		}
		r.Text[i] = text
	}
	return r
}

func sameCases(t *testing.T) (cases []sameCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/same.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) < 40 {
		t.Fatalf("%d cases in same.json, %v", len(cases), err)
	}
	return cases
}

func TestSame(t *testing.T) {
	for _, c := range sameCases(t) {
		there, later := c.rows(t)
		if got := Same(there, later); got != c.Same {
			t.Errorf("%s: got %v, want %v", c.Why, got, c.Same)
		}
		if !Same(there, there) || !Same(later, later) {
			t.Errorf("%s: a row is not the same as itself", c.Why)
		}
	}
}

// Which of two rows came first matters only if both name the same span: then the
// second may lack what the first has.
func TestSameHasADirectionForTwoSignalsOfASpan(t *testing.T) {
	for _, c := range sameCases(t) {
		there, later := c.rows(t)
		oneSpan := there.Text[SpanID] == later.Text[SpanID] && there.Text[SpanID] != "" && there.Text[TraceID] == later.Text[TraceID]
		forth, back := Same(there, later), Same(later, there)
		if !oneSpan && forth != back {
			t.Errorf("%s: %v one way and %v the other, without a common span", c.Why, forth, back)
		}
		if !forth || !back {
			continue
		}
		for _, column := range Compared {
			if column != TraceID && column != SpanID && there.Text[column] != later.Text[column] {
				t.Errorf("%s: both ways, though %s differs", c.Why, Names[column])
			}
		}
	}
}

// Each column that is compared has cases in the table that change it.
func TestSameIsTestedForEachColumn(t *testing.T) {
	cases := sameCases(t)
	for _, column := range Compared {
		changed := slices.ContainsFunc(cases, func(c sameCase) bool { _, ok := c.Later[Names[column]]; return ok })
		if !changed {
			t.Errorf("no case changes %s", Names[column])
		}
	}
}
