package seglog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// noSync makes a log that does not wait for the disk.
func noSync(name string, flag int, perm os.FileMode) (file, error) {
	f, err := openFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return noSyncFile{f}, nil
}

type noSyncFile struct{ file }

func (noSyncFile) Sync() error { return nil }

var fuzzMarker = marker{0xfe, 0xdc, 0xba, 0x98, 1, 2, 3, 4}

// fuzzSegment is a segment of ten records.
func fuzzSegment() []byte {
	b := segmentHead(1, fuzzMarker, time.Unix(1, 0))
	for i := range 10 {
		payload := fuzzPayload(uint64(i + 1))
		h := head{payloadCRC: checksum(payload), length: uint32(len(payload)), seq: uint64(i + 1), time: 1}
		at := len(b)
		b = append(b, make([]byte, recordHeader)...)
		h.put(b[at:], fuzzMarker)
		b = append(b, payload...)
	}
	return b
}

func fuzzPayload(seq uint64) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "<%d>", seq), int(seq*seq))
}

// FuzzSegment opens a log whose files hold arbitrary bytes: a segment with its
// .ack file, and a good segment after it if more is set. Each record that is
// read must be one that was written.
func FuzzSegment(f *testing.F) {
	good := fuzzSegment()
	acks := entry{kind: entryWritten, seq: 10}.appendTo(nil, fuzzMarker)
	acks = entry{kind: entryAcked, seq: 2, count: 3}.appendTo(acks, fuzzMarker)
	f.Add(good, acks, true)
	f.Add(good, acks, false)
	f.Add(good[:len(good)/2], acks[:30], true)
	f.Add([]byte{}, acks, false)
	f.Add(bytes.Repeat(fuzzMarker[:], 5000), []byte{}, true)
	f.Add(append(good[40:200:200], good...), acks, true)
	for i := 0; i < len(good); i += 37 {
		flipped := bytes.Clone(good)
		flipped[i] ^= 1 << (i % 8)
		f.Add(flipped, acks, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seg, ack []byte, more bool) {
		dir := t.TempDir()
		base := filepath.Join(dir, name(1, fuzzMarker))
		must(t, os.WriteFile(base+segmentSuffix, seg, 0o600))
		must(t, os.WriteFile(base+ackSuffix, ack, 0o600))
		if more {
			m := marker{1}
			next := append(segmentHead(11, m, time.Unix(1, 0)), make([]byte, recordHeader)...)
			head{seq: 11, time: 1}.put(next[segmentHeader:], m)
			must(t, os.WriteFile(filepath.Join(dir, name(11, m)+segmentSuffix), next, 0o600))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		if _, err := Inspect(dir); err != nil {
			t.Fatal(err)
		}
		l, _ := open(t, dir, Options{MaxBytes: 1 << 20, openFile: noSync, CheckInterval: -1})
		appendAll(t, l, "new")
		last := uint64(0)
		got := readAll(t, l)
		for _, rec := range got {
			switch {
			case rec.Seq <= last:
				t.Fatalf("record %d after record %d", rec.Seq, last)
			case rec.Seq == 11 && more && len(rec.Payload) == 0:
			case string(rec.Payload) == "new" && rec.Seq == got[len(got)-1].Seq:
			case !bytes.Equal(rec.Payload, fuzzPayload(rec.Seq)):
				t.Fatalf("false record %d: %.100q", rec.Seq, rec.Payload)
			}
			last = rec.Seq
		}
		if n := len(got); n == 0 || string(got[n-1].Payload) != "new" {
			t.Fatal("the record that was appended is not read")
		}
		l.Ack(seqs(got)...)
		_ = l.Close()
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20+20*uint64(len(seg)) {
			t.Errorf("%d bytes allocated for a segment of %d", used, len(seg))
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
