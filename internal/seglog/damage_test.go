package seglog

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// damaged is a log of 30 records in several segments that was closed, with
// records 1 to 3 acknowledged.
func damaged(t *testing.T) (dir string, segments []string) {
	t.Helper()
	dir = t.TempDir()
	l, _ := open(t, dir, Options{MaxBytes: 512 << 10, SegmentBytes: minSegmentBytes})
	for _, text := range numbered(1, 30) {
		appendAll(t, l, text+strings.Repeat(".", 500-len(text)))
	}
	recs := readAll(t, l)
	l.Ack(seqs(recs[:3])...)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, segmentFiles(t, dir)
}

func edit(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// perSegment is how many records of damaged are in a segment.
const perSegment = (minSegmentBytes - segmentHeader) / (500 + recordHeader)

func TestDamage(t *testing.T) {
	flip := func(offsets ...int) func([]byte) []byte {
		return func(b []byte) []byte {
			for _, o := range offsets {
				b[o] ^= 0x10
			}
			return b
		}
	}
	record := func(i int) int { return segmentHeader + i*(500+recordHeader) }
	last := 30 / perSegment
	cases := []struct {
		name    string
		segment int
		change  func([]byte) []byte
		lost    []int // numbers of the records
		silent  bool
	}{
		{"nothing", 1, flip(), nil, true},
		{"a bit of a payload", 1, flip(record(2) + 100), []int{perSegment + 3}, false},
		{"a bit of a marker", 1, flip(record(2)), []int{perSegment + 3}, false},
		{"a bit of a length", 1, flip(record(2) + 17), []int{perSegment + 3}, false},
		{"the high bit of a length", 1, func(b []byte) []byte { b[record(2)+19] ^= 0x80; return b }, []int{perSegment + 3}, false},
		{"a bit of a sequence number", 1, flip(record(2) + 24), []int{perSegment + 3}, false},
		{"a bit of a time", 1, flip(record(2) + 33), []int{perSegment + 3}, false},
		{"two records", 1, flip(record(2)+100, record(4)+100), []int{perSegment + 3, perSegment + 5}, false},
		{"the segment header", 1, flip(3), nil, false},
		{"the marker in the segment header", 1, flip(17), nil, false},
		{"all of the segment header and the first record", 1, func(b []byte) []byte { clear(b[:segmentHeader+10]); return b }, []int{perSegment + 1}, false},
		{"the last record of a segment", 1, flip(record(perSegment-1) + 100), []int{2 * perSegment}, false},
		{"bytes cut out", 1, func(b []byte) []byte { return slices.Delete(b, record(1)+10, record(2)+20) }, []int{perSegment + 2, perSegment + 3}, false},
		{"a whole record cut out", 1, func(b []byte) []byte { return slices.Delete(b, record(1), record(2)) }, []int{perSegment + 2}, false},
		{"bytes put in", 1, func(b []byte) []byte { return slices.Insert(b, record(1), 1, 2, 3) }, nil, false},
		{"half of the file", 1, func(b []byte) []byte { return b[:record(3)+20] }, []int{perSegment + 4, perSegment + 5, perSegment + 6, perSegment + 7}, false},
		{"an empty file", 1, func([]byte) []byte { return nil }, []int{8, 9, 10, 11, 12, 13, 14}, false},
		{"half of the last file", last, func(b []byte) []byte { return b[:record(1)+20] }, []int{30}, false},
		{"the last file empty", last, func([]byte) []byte { return nil }, []int{29, 30}, false},
		{"an acknowledged record", 0, flip(record(1) + 100), nil, false},
		{"zeros after the last record", last, func(b []byte) []byte { return append(b, make([]byte, 4096)...) }, nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, files := damaged(t)
			if perSegment != 7 || len(files) != last+1 {
				t.Fatalf("%d records in a segment, %d files", perSegment, len(files))
			}
			edit(t, files[c.segment], c.change)
			l, seen := open(t, dir, Options{MaxBytes: 512 << 10, SegmentBytes: minSegmentBytes})
			checkLost(t, l, seen, c.lost)
			if c.silent != (len(seen.list) == 0) {
				t.Errorf("events: %v", seen.list)
			}
			// All else goes on, and a restart finds no more damage than there was.
			appendAll(t, l, "after")
			recs := readAll(t, l)
			wantTexts(t, recs, []string{"after"})
		})
	}
}

// checkLost reads all and expects records 4 to 30 without those that are lost.
func checkLost(t *testing.T, l *Log, seen *events, lost []int) {
	t.Helper()
	recs := readAll(t, l)
	var got, want []string
	for _, r := range recs {
		got = append(got, strings.TrimRight(string(r.Payload), "."))
	}
	for i := 4; i <= 30; i++ {
		if !slices.Contains(lost, i) {
			want = append(want, numbered(i, i)...)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("read %q\nwant %q", got, want)
	}
	if n := seen.lost(); n != uint64(len(lost)) || l.Stats().LostRecords != n {
		t.Errorf("%d records reported as lost (%d in Stats), want %d: %v", n, l.Stats().LostRecords, len(lost), seen.list)
	}
	if st := l.Stats(); st.Records != uint64(len(want)) {
		t.Errorf("Stats has %d records, want %d", st.Records, len(want))
	}
}

func TestMissingSegment(t *testing.T) {
	for _, with := range []string{"", "and its .ack file"} {
		t.Run(with, func(t *testing.T) {
			dir, files := damaged(t)
			_ = os.Remove(files[1])
			if with != "" {
				_ = os.Remove(strings.TrimSuffix(files[1], segmentSuffix) + ackSuffix)
			}
			l, seen := open(t, dir, Options{MaxBytes: 512 << 10, SegmentBytes: minSegmentBytes})
			checkLost(t, l, seen, []int{8, 9, 10, 11, 12, 13, 14})
			if !slices.Equal(seen.kinds(), []Kind{KindMissing}) {
				t.Errorf("events: %v", seen.list)
			}
			// It is reported once.
			_ = l.Close()
			_, seen = open(t, dir, Options{MaxBytes: 512 << 10, SegmentBytes: minSegmentBytes})
			if len(seen.list) > 0 {
				t.Errorf("events after the second start: %v", seen.list)
			}
		})
	}
}

func TestDamagedBytesAreSetAside(t *testing.T) {
	dir, files := damaged(t)
	edit(t, files[1], func(b []byte) []byte { b[segmentHeader+100] ^= 1; return b })
	in, err := Inspect(dir)
	if err != nil || in.Records != 26 || in.Segments[1].Missing != 1 || in.Segments[1].DamagedBytes != 540 || in.Owner != "" {
		t.Errorf("Inspect: %+v, %v", in, err)
	}
	l, seen := open(t, dir, Options{MaxBytes: 512 << 10, SegmentBytes: minSegmentBytes})
	readAll(t, l)
	if len(seen.list) != 1 {
		t.Fatalf("events: %v", seen.list)
	}
	e := seen.list[0]
	saved, err := os.ReadFile(e.SavedTo)
	whole, _ := os.ReadFile(files[1])
	if err != nil || e.File != files[1] || e.Offset != segmentHeader || e.Bytes != 540 || e.Records != 1 ||
		string(saved) != string(whole[segmentHeader:segmentHeader+540]) || filepath.Dir(e.SavedTo) != filepath.Join(dir, damagedDir) {
		t.Errorf("event %+v, %d bytes saved, %v", e, len(saved), err)
	}
	if in, _ := Inspect(dir); in.DamagedFiles != 1 || in.DamagedBytes != 540 {
		t.Errorf("Inspect: %+v", in)
	}
}

// A payload must not be able to hold what is read as a record after damage.
func TestPayloadCannotForgeARecord(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, dir, Options{})
	appendAll(t, l, "true")
	b, _ := os.ReadFile(segmentFiles(t, dir)[0])
	forged := slices.Clone(b[segmentHeader:])
	// Whoever sends payloads does not know the marker.
	head{payloadCRC: checksum([]byte("true")), length: 4, seq: 2, time: 1}.put(forged, marker{})
	appendAll(t, l, string(forged), "also true")
	_ = l.Close()
	second := segmentHeader + recordHeader + len("true")
	edit(t, segmentFiles(t, dir)[0], func(b []byte) []byte { b[second+1] ^= 1; return b })
	l, _ = open(t, dir, Options{})
	wantTexts(t, readAll(t, l), []string{"true", "also true"})
}

func TestLostAckFile(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"removed": nil,
		"zeros":   func(b []byte) []byte { clear(b); return b },
		"flipped": func(b []byte) []byte {
			for i := range b {
				b[i] ^= 4
			}
			return b
		},
		"cut": func(b []byte) []byte { return b[:ackEntry+5] },
	} {
		t.Run(name, func(t *testing.T) {
			dir, files := damaged(t)
			path := strings.TrimSuffix(files[0], segmentSuffix) + ackSuffix
			if change == nil {
				_ = os.Remove(path)
			} else {
				edit(t, path, change)
			}
			l, seen := open(t, dir, Options{MaxBytes: 1 << 20})
			if recs := readAll(t, l); len(recs) != 30 || len(seen.list) != 0 {
				t.Errorf("read %d records, events %v; want all 30 and no event", len(recs), seen.list)
			}
		})
	}
}

// Damage everywhere costs neither a file for each record nor time that grows
// with their square.
func TestManyDamagedRecords(t *testing.T) {
	dir := t.TempDir()
	const n = 20000
	l, _ := open(t, dir, Options{openFile: noSync})
	for range n / 100 {
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { appendAll(t, l, "x") })
		}
		wg.Wait()
	}
	_ = l.Close()
	edit(t, segmentFiles(t, dir)[0], func(b []byte) []byte {
		for i := segmentHeader + recordHeader; i < len(b); i += 2 * (recordHeader + 1) {
			b[i] ^= 1 // each second one
		}
		return b
	})
	start := time.Now()
	l, seen := open(t, dir, Options{})
	if recs := readAll(t, l); len(recs) != n/2 || seen.lost() != n/2 {
		t.Errorf("%d records read, %d lost, want %d each", len(recs), seen.lost(), n/2)
	}
	if files, _ := damagedFiles(dir); files != maxDamagedFiles {
		t.Errorf("%d files in damaged/, want %d", files, maxDamagedFiles)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

// A log that is opened with a smaller bound than it was written with loses
// nothing.
func TestSmallerBound(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, dir, Options{MaxBytes: 16 << 20, SegmentBytes: 64 << 10, openFile: noSync})
	for range 4000 {
		appendAll(t, l, "x")
	}
	_ = l.Close()
	l, seen := open(t, dir, Options{MaxBytes: minMaxBytes})
	if recs := readAll(t, l); len(recs) != 4000 || seen.lost() > 0 {
		t.Errorf("%d records read, events %v, want 4,000", len(recs), seen.list)
	}
	if err := l.Append(t.Context(), nil); !errors.Is(err, ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
}
