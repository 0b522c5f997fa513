package activityprocessor

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
)

// many are records that are small on the wire and would cost much.
var many = map[string]func(n int, attrs pcommon.Map){
	"data": func(n int, attrs pcommon.Map) {
		raw := make(map[string]any, n)
		for i := range n {
			raw[fmt.Sprint("key", i)] = "x"
		}
		_ = attrs.PutEmptyMap(activity.DataKey).FromRaw(raw)
	},
	"attributes": func(n int, attrs pcommon.Map) {
		raw := make(map[string]any, n)
		for i := range n {
			raw[fmt.Sprint("key", i)] = "x"
		}
		_ = attrs.FromRaw(raw)
	},
	"attributes named like addresses": func(n int, attrs pcommon.Map) {
		raw := make(map[string]any, n)
		for i := range n {
			raw[fmt.Sprintf("k%d a%d@example.com", i, i)] = "x"
		}
		_ = attrs.FromRaw(raw)
	},
}

func manyLogs(n int, fill func(int, pcommon.Map)) plog.Logs {
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	fill(n, record.Attributes())
	record.Attributes().PutStr(activity.ActionTypeKey, "Update")
	return ld
}

// TestManyKeys: a record with 300,000 keys takes no time, and stays an activity
// that says how much was dropped.
func TestManyKeys(t *testing.T) {
	for name, fill := range many {
		t.Run(name, func(t *testing.T) {
			p := newProcessor(t, defaults())
			ld := manyLogs(300_000, fill)
			start := time.Now()
			ld, err := p.processLogs(t.Context(), ld)
			require.NoError(t, err)
			require.Less(t, time.Since(start), 2*time.Second)
			attrs := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes()
			require.Less(t, attrs.Len(), 140)
			checkActivity(t, attrs)
			members, _ := attrs.Get(activity.DroppedMembersKey)
			attributes, _ := attrs.Get(activity.DroppedAttributesKey)
			if name == "data" {
				require.Equal(t, int64(299_000), members.Int())
			} else {
				require.Equal(t, int64(300_001-128), attributes.Int())
			}
		})
	}
}

// BenchmarkManyKeys: the cost of a key does not grow with their number.
func BenchmarkManyKeys(b *testing.B) {
	for name, fill := range many {
		for _, keys := range []int{1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", name, keys), func(b *testing.B) {
				p := newProcessor(b, defaults())
				for b.Loop() {
					b.StopTimer()
					ld := manyLogs(keys, fill)
					b.StartTimer()
					if _, err := p.processLogs(b.Context(), ld); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(keys), "ns/key")
			})
		}
	}
}
