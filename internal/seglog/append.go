package seglog

import (
	"context"
	"fmt"
	"math"
	"time"
)

// group is records that are written together, with one fsync.
type group struct {
	buf   []byte
	count uint64
	first uint64        // sequence number, once it is on disk
	done  chan struct{} // closed when the group is on disk, or err is set
	err   error
}

// Append writes a record and returns when it is on disk. Records that are appended at
// the same time are written together. It does not keep payload.
//
// It returns [ErrTooLarge] for a record that can never fit, and [ErrFull] for one that
// does not fit now. Other errors are from the disk. After any of these errors the
// record is not in the log. If ctx ends first, the record may be in the log or not.
func (l *Log) Append(ctx context.Context, payload []byte) error {
	_, err := l.AppendSeq(ctx, payload)
	return err
}

// AppendSeq is like [Log.Append] and returns the sequence number of the record.
func (l *Log) AppendSeq(ctx context.Context, payload []byte) (uint64, error) {
	if int64(len(payload)) > min(l.opts.MaxBytes-segmentHeader, math.MaxInt32)-recordHeader {
		return 0, fmt.Errorf("append %d bytes to a log of %d: %w", len(payload), l.opts.MaxBytes, ErrTooLarge)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	g, n, err := l.join(payload, checksum(payload))
	if err != nil {
		return 0, err
	}
	select {
	case <-g.done:
		return g.first + n, g.err
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for the disk: %w", ctx.Err())
	}
}

// Wait blocks until a payload of so many bytes would fit, or ctx ends.
func (l *Log) Wait(ctx context.Context, bytes int) error {
	for {
		l.mu.Lock()
		fits, closed, space := l.fits(int64(bytes)+recordHeader), l.closed, l.space.Wait()
		l.mu.Unlock()
		switch {
		case closed:
			return ErrClosed
		case fits:
			return nil
		case int64(bytes) > l.opts.MaxBytes-segmentHeader-recordHeader:
			return ErrTooLarge
		}
		select {
		case <-space:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// join puts a record into the group that is written next, and returns which
// one of the group it is.
func (l *Log) join(payload []byte, crc uint32) (*group, uint64, error) {
	need := int64(recordHeader + len(payload))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, 0, ErrClosed
	}
	if !l.fits(need) {
		return nil, 0, ErrFull
	}
	var g *group
	if n := len(l.pending); n > 0 && int64(len(l.pending[n-1].buf))+need <= l.opts.SegmentBytes {
		g = l.pending[n-1]
	} else {
		g = &group{buf: l.spare[:0], done: make(chan struct{})}
		l.spare = nil
		l.pending = append(l.pending, g)
	}
	h := head{payloadCRC: crc, length: uint32(len(payload)), time: time.Now().UnixNano()}
	at := len(g.buf)
	g.buf = append(g.buf, make([]byte, recordHeader)...)
	h.put(g.buf[at:], marker{}) // the writer knows marker and sequence number
	g.buf = append(g.buf, payload...)
	g.count++
	l.reserved += need
	select {
	case l.kick <- struct{}{}:
	default:
	}
	return g, g.count - 1, nil
}

// fits reports whether there is space for a record. If needed, it ends the active
// segment when all of its records are acknowledged, so that it can be deleted.
func (l *Log) fits(need int64) bool {
	if l.bytes+l.reserved+need <= l.opts.MaxBytes {
		return true
	}
	if l.active != nil && l.active.done() && l.reserved == 0 && l.active.count > 0 {
		l.sealActive()
	}
	return l.bytes+l.reserved+need <= l.opts.MaxBytes
}

// sealActive ends writing to the active segment. It is called with mu held, and while
// the writer does not write.
func (l *Log) sealActive() {
	s := l.active
	l.active, s.sealed = nil, true
	if s.done() {
		l.remove(s)
	}
	l.readable.Fire()
}

// write is the writer's goroutine.
func (l *Log) write() {
	defer close(l.done)
	var check <-chan time.Time
	if l.opts.CheckInterval > 0 {
		ticker := time.NewTicker(l.opts.CheckInterval)
		defer ticker.Stop()
		check = ticker.C
	}
	for {
		select {
		case <-l.kick:
			l.writeGroups()
		case <-check:
			l.look()
		case <-l.closing:
			l.writeGroups()
			return
		}
	}
}

// writeGroups writes all groups that wait.
func (l *Log) writeGroups() {
	for {
		l.mu.Lock()
		if len(l.pending) == 0 {
			l.mu.Unlock()
			return
		}
		g := l.pending[0]
		l.pending = l.pending[1:]
		l.mu.Unlock()

		l.commitMu.Lock()
		if g.err = l.commit(g); g.err != nil {
			l.failed = len(g.buf)
		}
		l.noteWrite(g.err)
		l.commitMu.Unlock()
		if cap(g.buf) <= 1<<20 {
			l.mu.Lock()
			l.spare = g.buf
			l.mu.Unlock()
		}
		g.buf = nil
		close(g.done)
	}
}

// noteWrite stores the result of writing, and sends an event when it changes.
func (l *Log) noteWrite(err error) {
	l.mu.Lock()
	before := l.stats.LastError
	l.stats.LastError = err
	if err != nil {
		l.stats.LastErrorAt = time.Now()
	}
	l.mu.Unlock()
	switch {
	case err != nil && before == nil:
		l.event(Event{Kind: KindWriteFailed, File: l.dir, Err: err})
	case err == nil && before != nil:
		l.event(Event{Kind: KindWriteWorks, File: l.dir})
	}
}

// commit writes a group and waits until it is on disk. If that fails, the log is as
// before.
func (l *Log) commit(g *group) error {
	length := int64(len(g.buf))
	s, err := l.segmentFor(length)
	if err == nil {
		g.first = s.end()
		g.seal(s.marker, g.first)
		err = l.writeThrough(s, g.buf)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reserved -= length
	if err != nil {
		l.space.Fire()
		return err
	}
	s.size += length
	s.count += g.count
	l.bytes += length
	l.nextSeq = s.end()
	s.acks.written(s.end()-1, entryWritten)
	l.readable.Fire()
	return nil
}

// seal gives the records of g their marker and sequence numbers.
func (g *group) seal(m marker, seq uint64) {
	for b := g.buf; len(b) > 0; seq++ {
		h, _ := parseHead(b, marker(b[:8]))
		h.seq = seq
		h.put(b, m)
		b = b[recordHeader+int(h.length):]
	}
}

// segmentFor returns the segment to write so many bytes to.
func (l *Log) segmentFor(length int64) (*segment, error) {
	l.mu.Lock()
	s := l.active
	if s != nil && s.count > 0 && s.size+length > l.opts.SegmentBytes {
		l.sealActive()
		s = nil
	}
	l.mu.Unlock()
	if s != nil {
		return s, nil
	}
	if err := l.checkHome(false); err != nil {
		return nil, err
	}
	s, err := l.createSegment(l.nextSeq)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.segs = append(l.segs, s)
	l.active = s
	l.bytes += s.size
	return s, nil
}

// writeThrough writes buf at the end of s, and then checks that the file was not
// removed or replaced.
func (l *Log) writeThrough(s *segment, buf []byte) error {
	for {
		if _, err := s.f.WriteAt(buf, s.size); err != nil {
			l.undo(s, false)
			return fmt.Errorf("write segment: %w", err)
		}
		if err := s.f.Sync(); err != nil {
			// From here on, it is unknown which bytes of this file the kernel keeps.
			l.undo(s, true)
			return fmt.Errorf("sync segment: %w", err)
		}
		before := s.f
		if err := l.checkHome(false); err != nil {
			l.undo(s, false)
			return err
		}
		if s.f == before {
			return nil
		}
	}
}

// undo removes what commit wrote. It ends the segment if that fails, or if the file
// cannot be trusted any more.
func (l *Log) undo(s *segment, seal bool) {
	if err := s.f.Truncate(s.size); err != nil || seal {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.sealActive()
	}
}
