package seglog

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Log is an open log. Its methods may be called from many goroutines.
//
// Locks are taken in the order of the fields.
type Log struct {
	dir  string
	opts Options

	commitMu sync.Mutex // held to write segments or move them
	home     *home
	nextSeq  uint64
	failed   int // bytes of the last write that failed

	readMu sync.Mutex // held to read segments
	cursor *scanner
	at     *segment // that the cursor is in; nil before the first
	// Figures of damaged/, once they are known.
	asideFiles int
	asideBytes int64

	mu       sync.Mutex // guards all fields below
	segs     []*segment // oldest first
	active   *segment   // the last of segs while it is written to
	pending  []*group   // waiting for the writer
	spare    []byte
	bytes    int64 // of segment files
	reserved int64 // of pending
	flights  map[uint64]flight
	kept     map[uint64]flight // of Keep
	again    []retry
	readable Signal
	space    Signal
	closed   bool
	stats    Stats

	kick    chan struct{} // there is a group to write
	closing chan struct{} // closed by Close
	done    chan struct{} // closed when the writer has ended

	eventMu sync.Mutex
}

// Open opens the log in a folder. It creates the folder (mode 0700) if it does not
// exist. If another process owns it, the error is an [*OwnedError].
func Open(dir string, opts Options) (*Log, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	l := &Log{
		dir: dir, opts: opts, nextSeq: 1, flights: make(map[uint64]flight), kept: make(map[uint64]flight),
		kick: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{}),
	}
	if l.home, err = takeHome(dir); err != nil {
		return nil, err
	}
	if err := l.loadAll(); err != nil {
		l.closeFiles()
		return nil, fmt.Errorf("read files in %s: %w", dir, err)
	}
	go l.write()
	return l, nil
}

// loadAll opens the segments in the folder.
func (l *Log) loadAll() error {
	segs, err := listSegments(l.dir)
	if err != nil {
		return err
	}
	for i, s := range segs {
		next := nextFirst(segs, i)
		l.segs = append(l.segs, s)
		if err := l.load(s, next); err != nil {
			return err
		}
		if gap := next - s.end(); next > s.end() {
			l.lost(Event{Kind: KindMissing, File: filepath.Join(l.dir, "*"+segmentSuffix), Records: gap})
		}
		l.nextSeq = max(l.nextSeq, s.end())
		l.bytes += s.size
	}
	for _, s := range slices.Clone(l.segs) {
		if s.done() {
			l.remove(s)
		}
	}
	return nil
}

// nextFirst returns the first sequence number after segment i, 0 if it is the
// last one.
func nextFirst(segs []*segment, i int) uint64 {
	for _, s := range segs[i:] {
		if s.first > segs[i].first {
			return s.first
		}
	}
	return 0
}

// listSegments returns the segments whose files are in dir, in order.
func listSegments(dir string) ([]*segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	known := make(map[string]*segment)
	for _, e := range entries {
		for _, suffix := range []string{segmentSuffix, ackSuffix} {
			if first, m, ok := parseName(e.Name(), suffix); ok && !e.IsDir() {
				known[name(first, m)] = &segment{first: first, marker: m}
			}
		}
	}
	segs := make([]*segment, 0, len(known))
	for _, s := range known {
		segs = append(segs, s)
	}
	slices.SortFunc(segs, func(a, b *segment) int {
		switch {
		case a.name() < b.name():
			return -1
		case a.name() > b.name():
			return 1
		}
		return 0
	})
	return segs, nil
}

// remove deletes the files of a segment whose records are all done. Its .ack
// file stays while there are older segments: without it a gap would look like
// a loss. Called with mu held, or before others have the log.
func (l *Log) remove(s *segment) {
	if !s.gone {
		s.acks.written(s.end()-1, entryComplete)
		_ = s.f.Close()
		removeFile(l.segPath(s))
		l.bytes -= s.size
		s.f, s.size, s.gone = nil, 0, true
		s.acked = nil
	}
	s.acks.close()
	if s.count == 0 { // no gap
		removeFile(l.ackPath(s))
		l.segs = slices.DeleteFunc(l.segs, func(other *segment) bool { return other == s })
	}
	for len(l.segs) > 0 && l.segs[0].gone {
		removeFile(l.ackPath(l.segs[0]))
		l.segs = l.segs[1:]
	}
	l.space.Fire()
}

// removeFile removes a file of the log. If that fails, the next start tries again.
func removeFile(path string) {
	_ = os.Remove(path) //nolint:gosec // the log's own name
}

// Close writes the records that wait to be written, and releases the folder. Records
// that are not acknowledged are read again after the next [Open].
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	close(l.closing)
	l.mu.Unlock()
	<-l.done

	l.commitMu.Lock()
	defer l.commitMu.Unlock()
	l.readMu.Lock()
	defer l.readMu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readable.Fire()
	l.space.Fire()
	if l.active != nil {
		l.sealActive()
	}
	l.closeFiles()
	return nil
}

func (l *Log) closeFiles() {
	for _, s := range l.segs {
		s.acks.close()
		if s.f != nil {
			_ = s.f.Close()
		}
	}
	l.home.leave()
}

// event calls OnEvent.
func (l *Log) event(e Event) {
	if l.opts.OnEvent == nil {
		return
	}
	e.name = l.opts.RecordName
	l.eventMu.Lock()
	defer l.eventMu.Unlock()
	l.opts.OnEvent(e)
}

// lost counts lost records and sends an event.
func (l *Log) lost(e Event) {
	if e.Records == 0 && e.Bytes == 0 {
		return
	}
	l.stats.DamagedBytes += e.Bytes
	l.stats.LostRecords += e.Records
	l.event(e)
}

// Stats are the figures of a log.
type Stats struct {
	Records      uint64        // not acknowledged, including those in flight, without those of Keep
	InFlight     int           // handed out by Next and not acknowledged, without those of Keep
	Kept         int           // left in the log by Keep
	Bytes        int64         // of all segment files
	MaxBytes     int64         // the limit of Bytes
	Segments     int           // segment files
	Oldest       time.Duration // age of the oldest of Records
	DamagedBytes int64         // since the log was opened
	LostRecords  uint64        // since the log was opened, by their sequence numbers
	LastError    error         // of writing; nil if the last write succeeded
	LastErrorAt  time.Time
	LastAck      time.Time // zero if nothing was acknowledged since the start
}

// Stats returns the current figures.
func (l *Log) Stats() Stats {
	l.readMu.Lock() // peeks at the next record
	defer l.readMu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	st := l.stats
	st.InFlight, st.Kept, st.Bytes, st.MaxBytes = len(l.flights), len(l.kept), l.bytes, l.opts.MaxBytes
	for _, s := range l.segs {
		if !s.gone {
			st.Segments++
			st.Records += s.count - s.ackedCount
		}
	}
	st.Records -= uint64(len(l.kept))
	if st.Records > 0 && !l.closed {
		st.Oldest = max(0, time.Since(l.oldest()))
	}
	return st
}

// oldest returns when the oldest record that is not acknowledged was appended.
// Records are handed out in order, so it is in flight, or the next to read.
func (l *Log) oldest() time.Time {
	var oldest time.Time
	for _, f := range l.flights {
		if oldest.IsZero() || f.time.Before(oldest) {
			oldest = f.time
		}
	}
	if !oldest.IsZero() {
		return oldest
	}
	for _, s := range l.segs {
		if s.gone || s.done() || l.at != nil && s.first < l.at.first {
			continue
		}
		off := s.start
		if s == l.at {
			off = l.cursor.off
		}
		b := make([]byte, recordHeader)
		if _, err := s.f.ReadAt(b, off); err == nil && off < s.size {
			if h, ok := parseHead(b, s.marker); ok {
				return time.Unix(0, h.time)
			}
		}
	}
	return time.Now()
}
