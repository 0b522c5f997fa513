package store

import (
	"slices"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// TestLateWork checks what is made, and when the index of the table is dropped.
func TestLateWork(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	at := func(month time.Month) int64 { return time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC).UnixMicro() }
	type states = []dialect.LateIndex
	const forever = 1<<63 - 1
	rest := dialect.LateIndex{Kind: "actor", Name: "rest", Default: true, End: forever}
	restOwn, restWhole := rest, rest
	ofTraces := dialect.LateIndex{Kind: "trace", Default: true, End: forever, Own: "rest"}
	restOwn.Own, restWhole.Whole = "rest", true
	for name, c := range map[string]struct {
		late   bool
		states states
		want   []string
	}{
		"nothing is to be late": {false, states{{Kind: "actor", Name: "october", End: at(11), Part: true, Whole: true}, restWhole}, nil},
		"the setting turns it on": {true, states{{Kind: "actor", Name: "december", End: at(13)}, {Kind: "actor", Name: "november", End: at(12)},
			{Kind: "actor", Name: "october", End: at(11), Part: true}, restWhole}, []string{"october", "rest", "drop actor"}},
		"the default partition says that it is on": {false, states{{Kind: "actor", Name: "october", End: at(11)}, restOwn}, []string{"october"}},
		"it says so of its kind only":              {false, states{{Kind: "trace", Name: "october", End: at(11)}, restOwn}, nil},
		"and the other one, too":                   {false, states{{Kind: "actor", Name: "october", End: at(11)}, ofTraces}, nil},
		"unless the table has its index": {false, states{{Kind: "actor", Name: "october", End: at(11), Part: true, Whole: true},
			{Kind: "actor", Default: true, End: forever, Own: "by hand", Whole: true}}, nil},
		"what is there stays":                       {true, states{{Kind: "actor", Name: "october", End: at(11), Own: "october"}, restOwn}, nil},
		"what is broken is made again":              {true, states{{Kind: "actor", Name: "october", End: at(11), Broken: true}, restOwn}, []string{"october"}},
		"what is being made is left":                {true, states{{Kind: "actor", Name: "october", End: at(11), Building: true}, restOwn}, nil},
		"the index of the table stays until then":   {true, states{{Kind: "actor", Name: "october", End: at(11), Building: true}, restWhole}, []string{"rest"}},
		"a month ends when it ends":                 {true, states{{Kind: "actor", Name: "november", End: now.UnixMicro() + 1}, {Kind: "actor", Name: "early", End: now.UnixMicro()}, restOwn}, []string{"early"}},
		"a partition without an end is never ended": {true, states{{Kind: "actor", Name: "ahead", End: forever}, restOwn}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, step := range lateWork(dialect.Postgres{Partition: dialect.PartitionMonth, LateIndexes: c.late}, c.states, now) {
				if step.whole {
					got = append(got, "drop "+step.Kind)
				} else {
					got = append(got, step.Name)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
