package seglog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Check finds out whether the folder or its files were removed or replaced, so that a
// restart would not find them. Then it writes all records that are not acknowledged
// again, from the files that it holds open. If that fails, it returns an error, and the
// log retries.
func (l *Log) Check() error {
	l.commitMu.Lock()
	defer l.commitMu.Unlock()
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if closed {
		return ErrClosed
	}
	err := l.checkHome(true)
	if err != nil {
		l.noteWrite(err)
	}
	return err
}

// look runs from time to time. It calls Check. If the last write failed, it tries to
// write as many bytes to a temporary file: otherwise an idle log would report for ever
// that its disk is full.
func (l *Log) look() {
	if l.Check() != nil { // it is in Stats
		return
	}
	l.commitMu.Lock()
	defer l.commitMu.Unlock()
	if l.Stats().LastError != nil {
		l.noteWrite(l.tryWrite(l.failed))
	}
}

// tryWrite writes so many bytes to a temporary file, and removes it.
func (l *Log) tryWrite(bytes int) error {
	path := filepath.Join(l.dir, tryName)
	f, err := l.opts.openFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("try to write: %w", err)
	}
	defer func() { _ = os.Remove(path) }()
	_, err = f.WriteAt(make([]byte, bytes), 0)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("try to write: %w", err)
	}
	return nil
}

// tryName is the file of tryWrite.
const tryName = "try"

// checkHome checks the folder, the lock and the active segment, or all segments. It is
// called with commitMu held.
func (l *Log) checkHome(all bool) error {
	if l.inPlace(all) {
		return nil
	}
	l.readMu.Lock()
	defer l.readMu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.restore(); err != nil {
		return fmt.Errorf("folder %s or files in it were removed or replaced: %w", l.dir, err)
	}
	return nil
}

func (l *Log) inPlace(all bool) bool {
	if !same(l.dir, l.home.dirInfo) || !same(filepath.Join(l.dir, lockName), l.home.lockInfo) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !all {
		return l.active == nil || same(l.segPath(l.active), l.active.info)
	}
	for _, s := range l.segs {
		if !s.gone && !same(l.segPath(s), s.info) {
			return false
		}
	}
	return true
}

// restore creates the folder again, and the files that are missing in it.
func (l *Log) restore() error {
	if !same(l.dir, l.home.dirInfo) {
		h, err := takeHome(l.dir)
		if err != nil {
			return err
		}
		l.home.leave()
		l.home = h
		l.event(Event{Kind: KindRestored, File: l.dir})
	} else if !same(filepath.Join(l.dir, lockName), l.home.lockInfo) {
		if err := l.home.takeLock(l.dir); err != nil {
			return err
		}
		l.event(Event{Kind: KindRestored, File: filepath.Join(l.dir, lockName)})
	}
	for _, s := range l.segs {
		if !s.gone && !same(l.segPath(s), s.info) {
			if err := l.restoreSegment(s); err != nil {
				return err
			}
			l.event(Event{Kind: KindRestored, File: l.segPath(s), Bytes: s.size})
		}
		if _, err := os.Stat(l.ackPath(s)); err != nil {
			l.restoreAcks(s)
		}
	}
	if err := syncDir(l.home.dir); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// restoreSegment writes a segment again from the file that is still open. A file that
// has its name now is moved to damaged/.
func (l *Log) restoreSegment(s *segment) error {
	path := l.segPath(s)
	if _, err := os.Lstat(path); err == nil {
		if err := os.MkdirAll(filepath.Join(l.dir, damagedDir), 0o700); err != nil {
			return fmt.Errorf("keep what replaced a segment: %w", err)
		}
		if err := os.Rename(path, filepath.Join(l.dir, damagedDir, s.name()+"-replaced.bin")); err != nil {
			return fmt.Errorf("keep what replaced a segment: %w", err)
		}
	}
	f, err := l.opts.openFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("create segment: %w", err)
	}
	_, err = io.Copy(io.NewOffsetWriter(f, 0), io.NewSectionReader(s.f, 0, s.size))
	if err == nil {
		err = f.Sync()
	}
	var info os.FileInfo
	if err == nil {
		info, err = f.Stat()
	}
	if err != nil {
		_ = f.Close()
		_ = os.Remove(path)
		return fmt.Errorf("write segment again: %w", err)
	}
	_ = s.f.Close()
	s.f, s.info = f, info
	if l.at == s {
		l.cursor.r = f
		l.cursor.forget()
	}
	return nil
}

// restoreAcks writes an .ack file again.
func (l *Log) restoreAcks(s *segment) {
	s.acks.close()
	s.acks.off = 0
	if s.gone || s.count > 0 {
		l.openAcks(s)
	}
	if s.gone {
		s.acks.written(s.end()-1, entryComplete)
		s.acks.close()
		return
	}
	s.acks.written(s.end()-1, entryWritten)
	var entries []entry
	for i := range s.count {
		n := len(entries)
		switch {
		case !s.acked.has(i):
		case n > 0 && entries[n-1].seq+uint64(entries[n-1].count) == s.first+i:
			entries[n-1].count++
		default:
			entries = append(entries, entry{kind: entryAcked, count: 1, seq: s.first + i})
		}
	}
	s.acks.acked(entries)
}
