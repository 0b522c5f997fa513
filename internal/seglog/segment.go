package seglog

import (
	"crypto/rand"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"
)

// segment is one segment file and the state of its records.
type segment struct {
	first  uint64
	marker marker
	f      file        // nil when gone
	info   os.FileInfo // of f
	acks   ackFile

	size       int64  // bytes that are committed
	start      int64  // where its records begin
	count      uint64 // records that are committed, from first on
	acked      bits
	ackedCount uint64
	sealed     bool // nothing is written to it any more
	// gone means that the file was deleted because all records were acknowledged. The
	// .ack file stays as evidence until all older segments are deleted, too.
	gone bool
}

func (s *segment) name() string { return name(s.first, s.marker) }
func (s *segment) end() uint64  { return s.first + s.count }
func (s *segment) done() bool   { return s.ackedCount == s.count }

// ack notes that the record seq is done and reports whether that is new.
func (s *segment) ack(seq uint64) bool {
	if seq < s.first || seq >= s.end() || !s.acked.add(seq-s.first) {
		return false
	}
	s.ackedCount++
	return true
}

// ackAll acknowledges count records from seq on and returns how many were not
// acknowledged yet.
func (s *segment) ackAll(seq, count uint64) (fresh uint64) {
	if seq < s.first {
		count -= min(count, s.first-seq)
		seq = s.first
	}
	for ; count > 0 && seq < s.end(); seq, count = seq+1, count-1 {
		if s.ack(seq) {
			fresh++
		}
	}
	return fresh
}

func (s *segment) scanner() *scanner {
	return &scanner{r: s.f, marker: s.marker, off: s.start, limit: s.size, seq: s.first, end: s.end()}
}

func (l *Log) segPath(s *segment) string { return filepath.Join(l.dir, s.name()+segmentSuffix) }
func (l *Log) ackPath(s *segment) string { return filepath.Join(l.dir, s.name()+ackSuffix) }

// createSegment creates the files of a new segment and syncs the folder.
func (l *Log) createSegment(first uint64) (_ *segment, err error) {
	s := &segment{first: first, size: segmentHeader, start: segmentHeader}
	rand.Read(s.marker[:])
	path := l.segPath(s)
	if s.f, err = l.opts.openFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, fmt.Errorf("create segment: %w", err)
	}
	defer func() {
		if err != nil {
			_ = s.f.Close()
			_ = os.Remove(path)
		}
	}()
	if _, err = s.f.WriteAt(segmentHead(first, s.marker, time.Now()), 0); err != nil {
		return nil, fmt.Errorf("write segment header: %w", err)
	}
	if s.info, err = s.f.Stat(); err != nil {
		return nil, fmt.Errorf("create segment: %w", err)
	}
	if err = syncDir(l.home.dir); err != nil {
		return nil, fmt.Errorf("sync folder: %w", err)
	}
	l.openAcks(s)
	return s, nil
}

// openAcks opens the .ack file for writing. Without it records may be read
// twice after a restart.
func (l *Log) openAcks(s *segment) {
	s.acks.m, s.acks.off = s.marker, max(s.acks.off, ackEntry)
	if f, err := l.opts.openFile(l.ackPath(s), os.O_RDWR|os.O_CREATE, 0o600); err == nil {
		s.acks.f = f
	}
}

// load opens a segment that an earlier process wrote. next is the first
// sequence number of the segment after it, 0 when it is the last one.
func (l *Log) load(s *segment, next uint64) error {
	s.sealed = true
	entries, ackSize, _ := readAcks(l.ackPath(s), s.marker)
	s.acks.off = ackSize
	var written uint64
	complete := false
	for _, e := range entries {
		switch e.kind {
		case entryWritten, entryComplete:
			written = max(written, e.seq)
			complete = complete || e.kind == entryComplete
		}
	}
	f, err := l.opts.openFile(l.segPath(s), os.O_RDWR, 0o600)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("open segment: %w", err)
	}
	if err != nil {
		s.gone = true
	} else if err := l.measure(s, f); err != nil {
		_ = f.Close()
		return err
	}
	if err := l.countRecords(s, next, written); err != nil {
		return err
	}
	for _, e := range entries {
		if e.kind == entryAcked {
			s.ackAll(e.seq, uint64(e.count))
		}
	}
	switch {
	case complete:
		s.ackAll(s.first, s.count)
	case s.gone:
		lost := s.ackAll(s.first, s.count)
		l.lost(Event{Kind: KindMissing, File: l.segPath(s), Records: lost})
	}
	l.openAcks(s)
	if s.gone {
		s.acks.written(max(written, s.end()-1), entryComplete)
	}
	return nil
}

// measure notes size and start of a segment file.
func (l *Log) measure(s *segment, f file) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open segment: %w", err)
	}
	s.f, s.info, s.size = f, info, info.Size()
	header := make([]byte, segmentHeader)
	if _, err := f.ReadAt(header, 0); err == nil && validSegmentHead(header, s.first, s.marker) {
		s.start = segmentHeader
	} // otherwise the reader searches for records from the first byte on
	return nil
}

// countRecords finds out how many records the segment has, or should have: from the
// first sequence number of the next segment, or for the last segment from its records
// and the .ack file.
func (l *Log) countRecords(s *segment, next, written uint64) error {
	// A forged name must not make us allocate memory. The file may be from a time with a
	// larger limit.
	most := uint64(max(l.opts.MaxBytes, s.size)/recordHeader) + 1
	if next > 0 {
		s.count = min(next-s.first, most)
		return nil
	}
	if written >= s.first {
		s.count = min(written+1-s.first, most)
	}
	if s.gone {
		return nil
	}
	scan := s.scanner()
	scan.end = min(s.first+uint64(s.size/recordHeader)+1, math.MaxInt64)
	valid := scan.off
	for {
		found, err := scan.next()
		if err != nil {
			break
		}
		if !found.damage {
			valid = scan.off
		}
	}
	if scan.seq < s.end() {
		return nil // the reader reports what is missing
	}
	s.count = scan.seq - s.first
	if torn := s.size - valid; torn > 0 {
		l.event(Event{Kind: KindTorn, File: l.segPath(s), Offset: valid, Bytes: torn})
		if err := s.f.Truncate(valid); err != nil {
			return fmt.Errorf("cut torn segment: %w", err)
		}
		s.size = valid
	}
	return nil
}
