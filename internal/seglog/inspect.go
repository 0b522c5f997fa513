package seglog

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Inspection is the result of [Inspect].
type Inspection struct {
	Owner        string // of the folder; empty if no process owns it
	Segments     []SegmentInfo
	Records      uint64 // readable and not acknowledged
	Bytes        int64  // of segment files
	DamagedFiles int    // in damaged/
	DamagedBytes int64  // of these
}

// SegmentInfo is about one segment file.
type SegmentInfo struct {
	File         string
	First        uint64 // sequence number of the first record
	Bytes        int64
	Records      uint64 // readable
	Acked        uint64 // acknowledged, of these
	DamagedBytes int64
	Missing      uint64 // records that cannot be read, as far as is known
	Gone         bool   // the file is missing, and not all records were acknowledged
}

// Inspect reads the log in a folder without changing it, even while a process writes to
// it. A record that is being written may look damaged.
func Inspect(dir string) (Inspection, error) {
	segs, err := listSegments(dir)
	if err != nil {
		return Inspection{}, err
	}
	var in Inspection
	in.Owner = ownerOf(dir)
	in.DamagedFiles, in.DamagedBytes = damagedFiles(dir)
	for i, s := range segs {
		info, ok := inspectSegment(dir, s, nextFirst(segs, i))
		if !ok {
			continue
		}
		in.Segments = append(in.Segments, info)
		in.Records += info.Records - info.Acked
		in.Bytes += info.Bytes
	}
	return in, nil
}

// ownerOf returns who holds the lock of a folder.
func ownerOf(dir string) string {
	lock, err := os.Open(filepath.Join(dir, lockName)) //nolint:gosec // the caller's folder
	if err != nil {
		return ""
	}
	defer lock.Close() // also releases the lock, if we got it
	if taken, err := tryLock(lock); err != nil || taken {
		return ""
	}
	return readOwner(lock)
}

// inspectSegment returns false for a segment that was acknowledged and deleted.
func inspectSegment(dir string, s *segment, next uint64) (SegmentInfo, bool) {
	info := SegmentInfo{File: filepath.Join(dir, s.name()+segmentSuffix), First: s.first}
	entries, _, _ := readAcks(filepath.Join(dir, s.name()+ackSuffix), s.marker)
	end := max(next, s.first)
	for _, e := range entries {
		if e.kind != entryAcked && next == 0 {
			end = max(end, e.seq+1)
		}
	}
	f, err := os.Open(info.File)
	if err != nil {
		info.Gone, info.Missing = true, end-s.first
		for _, e := range entries {
			if e.kind == entryComplete {
				return info, false
			}
		}
		return info, true
	}
	defer f.Close()
	l := Log{opts: Options{MaxBytes: DefaultMaxBytes}}
	if err := l.measure(s, f); err != nil {
		return info, true
	}
	info.Bytes = s.size
	acked := ackedIn(entries, s.size, s.first)
	scan := s.scanner()
	scan.end = maxSeq
	if next > 0 {
		scan.end = next
	}
	for {
		found, err := scan.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if found.damage {
			info.DamagedBytes += found.bytes
			info.Missing += found.missing
			continue
		}
		info.Records++
		if acked.has(found.seq - s.first) {
			info.Acked++
		}
	}
	if scan.seq < end {
		info.Missing += end - scan.seq
	}
	return info, true
}

// ackedIn returns which records are acknowledged, as offsets from first.
func ackedIn(entries []entry, size int64, first uint64) bits {
	s := segment{first: first, count: uint64(size/recordHeader) + 1}
	for _, e := range entries {
		if e.kind == entryAcked {
			s.ackAll(e.seq, uint64(e.count))
		}
	}
	return s.acked
}
