package seglog

import (
	"slices"
	"testing"
	"time"
)

func TestKeep(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, dir, Options{})
	appendAll(t, l, "a", "b", "c")
	recs := readAll(t, l)
	time.Sleep(20 * time.Millisecond)
	appendAll(t, l, "d")
	late := readAll(t, l)[0]
	l.Keep(recs[0].Seq, recs[1].Seq, recs[2].Seq, 99)
	l.Keep(recs[0].Seq) // again
	if st := l.Stats(); st.Records != 1 || st.InFlight != 1 || st.Kept != 3 || st.Oldest > time.Since(late.Time) || st.LastAck.IsZero() {
		t.Errorf("%+v: want one record that waits, no older than the fourth, and three that are kept", st)
	}
	l.Nack(recs[1].Seq, 0)
	if again := readAll(t, l); len(again) != 1 || string(again[0].Payload) != "b" {
		t.Fatalf("%v: want the second record", again)
	}
	l.Ack(recs[0].Seq, recs[1].Seq, late.Seq)
	if st := l.Stats(); st.Records != 0 || st.InFlight != 0 || st.Kept != 1 || st.Oldest != 0 {
		t.Errorf("%+v: want one record, which is kept", st)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, _ = open(t, dir, Options{})
	if left := readAll(t, l); len(left) != 1 || string(left[0].Payload) != "c" {
		t.Errorf("%v after a restart: want the third record", left)
	}
}

// TestOldestWithoutKept has a segment of kept records before the one that is read next.
func TestOldestWithoutKept(t *testing.T) {
	l, _ := open(t, t.TempDir(), Options{SegmentBytes: minSegmentBytes, MaxBytes: 128 * minSegmentBytes})
	payload := string(make([]byte, 1000))
	for range 6 {
		appendAll(t, l, payload)
	}
	var seqs []uint64
	for _, rec := range readAll(t, l) {
		seqs = append(seqs, rec.Seq)
	}
	l.Keep(seqs...)
	time.Sleep(50 * time.Millisecond)
	before := time.Now()
	appendAll(t, l, payload)
	st := l.Stats()
	if st.Segments < 2 {
		t.Fatalf("%d segments: nothing is tested here", st.Segments)
	}
	if st.Records != 1 || st.Oldest > time.Since(before) {
		t.Errorf("%+v: want one record, not older than %v", st, time.Since(before))
	}
	if got := slices.Max(seqs); got != 6 {
		t.Errorf("the last that is kept is %d", got)
	}
}
