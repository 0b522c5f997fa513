package store

import (
	"slices"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// TestLacking checks which partitions are created: none may overlap one that is there, and
// there may be no gap, also when the size of a partition was changed.
func TestLacking(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	on := func(date string) time.Time {
		at, err := time.Parse("0102", date)
		if err != nil {
			t.Fatal(err)
		}
		year := 2026
		if at.Month() < 7 {
			year++
		}
		return time.Date(year, at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	}
	spans := func(dates ...string) (all []span) {
		for i := 0; i < len(dates); i += 2 {
			all = append(all, span{begin: on(dates[i]), end: on(dates[i+1])})
		}
		return all
	}
	days := []string{"1126", "1127", "1127", "1128", "1128", "1129", "1129", "1130", "1130", "1201", "1201", "1202", "1202", "1203", "1203", "1204", "1204", "1205"}
	months := []string{"1001", "1101", "1101", "1201", "1201", "0101"}
	for name, c := range map[string]struct {
		partition   dialect.Partition
		there, want []string
	}{
		"the last month, this one and the next":    {dialect.PartitionMonth, nil, months},
		"yesterday, today and the next seven days": {dialect.PartitionDay, nil, days},
		"nothing":                                   {dialect.PartitionMonth, months, nil},
		"one of the middle":                         {dialect.PartitionMonth, []string{"1201", "0101", "1001", "1101"}, []string{"1101", "1201"}},
		"days after months, which reach":            {dialect.PartitionDay, months, nil},
		"days after months, which do not":           {dialect.PartitionDay, months[:4], days[10:]},
		"months after days get what days left":      {dialect.PartitionMonth, days, []string{"1001", "1101", "1101", "1126", "1205", "0101"}},
		"months after days that end with the month": {dialect.PartitionMonth, days[:10], []string{"1001", "1101", "1101", "1126", "1201", "0101"}},
		"months between days":                       {dialect.PartitionMonth, append([]string{"1110", "1111"}, days[2:]...), []string{"1001", "1101", "1101", "1110", "1111", "1127", "1205", "0101"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := lacking(dialect.Postgres{Partition: c.partition}, spans(c.there...), now)
			same := func(a, b span) bool { return a.begin.Equal(b.begin) && a.end.Equal(b.end) }
			if want := spans(c.want...); !slices.EqualFunc(got, want, same) {
				t.Errorf("got %v, want %v", got, want)
			}
			all := append(spans(c.there...), got...)
			slices.SortFunc(all, func(a, b span) int { return a.begin.Compare(b.begin) })
			for i := 1; i < len(all); i++ {
				if all[i].begin.Before(all[i-1].end) {
					t.Errorf("%v and %v overlap", all[i-1], all[i])
				}
			}
		})
	}
}
