package identity

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

func key(n uint64) (id activity.ID) {
	binary.BigEndian.PutUint64(id[:], n)
	return id
}

func TestMemoryIsBoundedAndKeepsWhatIsAskedFor(t *testing.T) {
	m := newMemory()
	start := time.Now()
	kept := m.first(key(0), start)
	for n := range uint64(5 * maxReceipts) {
		m.first(key(n+1), start.Add(time.Second))
		if n%1000 == 0 && !m.first(key(0), start.Add(time.Hour)).Equal(kept) {
			t.Fatalf("forgot after %d others what is asked for all the time", n)
		}
	}
	if n := m.times.Len(); n > maxReceipts {
		t.Errorf("%d contents are remembered; want %d at most", n, maxReceipts)
	}
	if again := m.first(key(1), start.Add(time.Hour)); again.Equal(start.Add(time.Second)) {
		t.Error("the first of 100,000 is still remembered; want it forgotten")
	}
}
