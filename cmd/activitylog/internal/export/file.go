package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/otelactivity/activitylog/reader"
)

// File is a file that rows are exported to. Until it is finished it has another name, with
// .part at its end, and beside it is a file with .state that says how to go on.
type File struct {
	*Stream
	name  string
	file  *os.File
	state State
}

// State is what is known of a file that is not finished. Its bytes up to Size are those
// rows, whatever comes after them.
type State struct {
	Version int     `json:"version"`
	Options Options `json:"options"`

	// Query is what was asked for, as the command was given it, and Given are the values
	// that it had at the beginning: "2h" ago is another time later.
	Query map[string]string `json:"query"`
	Given map[string]string `json:"given"`

	Rows     int64         `json:"rows"`
	Size     int64         `json:"size"`
	Cursor   reader.Cursor `json:"cursor"` // of the last row; "" if there is none
	Segments []segment     `json:"segments,omitempty"`
	Finished bool          `json:"finished,omitempty"` // it lacks nothing but its name
}

const stateVersion = 1

// Errors of [Create] and [Resume].
var (
	// ErrExists is the error of a name that is taken.
	ErrExists = errors.New("exists already")
	// ErrInterrupted is the error of [Create] if there is a file to go on with.
	ErrInterrupted = errors.New("was interrupted")
	// ErrOther is the error of [Resume] of an export of something else.
	ErrOther = errors.New("is another export")
	// ErrInUse is the error of a file that another process exports to.
	ErrInUse = errors.New("is being written by another process")
)

func (f *File) part() string      { return f.name + ".part" }
func (f *File) stateName() string { return f.name + ".state" }

// Over says what [Create] may write over.
type Over int

// What may be written over.
const (
	Nothing     Over = iota
	Interrupted      // a file that was interrupted
	Everything       // that, and a file of the name
)

// Create begins a file. query and given are kept for [Resume].
func Create(name string, o Options, query, given map[string]string, over Over) (*File, error) {
	f := &File{name: name, state: State{Version: stateVersion, Options: o, Query: query, Given: given}}
	if over < Everything && exists(name) {
		return nil, fmt.Errorf("%s %w", name, ErrExists)
	}
	flags := os.O_RDWR | os.O_CREATE
	if over < Interrupted {
		if exists(f.part()) {
			return nil, fmt.Errorf("the export to %s %w", name, ErrInterrupted)
		}
		flags |= os.O_EXCL
	}
	if err := f.open(flags); err != nil {
		return nil, err
	}
	if err := removeIfThere(f.stateName()); err != nil { // of a file that was deleted
		return nil, errors.Join(fmt.Errorf("remove the state of another export: %w", err), f.file.Close())
	}
	return f, nil
}

func removeIfThere(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// open opens the file with .part, cut to what the state knows of.
func (f *File) open(flags int) (err error) {
	if f.file, err = openOwn(f.part(), flags); err != nil {
		return fmt.Errorf("open the file to export to: %w", err)
	}
	if err := lock(f.file); err != nil {
		_ = f.file.Close()
		return fmt.Errorf("%s %w", f.part(), ErrInUse)
	}
	err = f.file.Truncate(f.state.Size)
	if err == nil {
		_, err = f.file.Seek(f.state.Size, io.SeekStart)
	}
	f.Stream = newStream(f.file, f.state.Size, f.state.Options)
	f.rows = f.state.Rows
	if p, ok := f.inner.(*parquetEncoder); ok && err == nil {
		err = p.read(f.file, f.state.Segments)
	}
	if err != nil {
		_ = f.file.Close()
		return fmt.Errorf("open %s: %w", f.part(), err)
	}
	return nil
}

// Resume goes on with a file that was interrupted. The error is [fs.ErrNotExist] if there
// is none, or if nothing of it was saved.
func Resume(name string, o Options, query map[string]string) (*File, error) {
	f := &File{name: name}
	text, err := readOwn(f.stateName())
	if err != nil {
		return nil, fmt.Errorf("look where the export stopped: %w", err)
	}
	if err := json.Unmarshal(text, &f.state); err != nil || f.state.Version != stateVersion {
		return nil, fmt.Errorf("read %s: it is not of this release, or damaged; begin anew", f.stateName())
	}
	if !reflect.DeepEqual(o, f.state.Options) || !sameQuery(query, f.state.Query) {
		return nil, fmt.Errorf("the export to %s %w: %s", name, ErrOther, difference(f.state, o, query))
	}
	if f.state.Finished { // it was interrupted right before it got its name
		f.Stream = newStream(io.Discard, 0, o)
		f.rows = f.state.Rows
		return f, nil
	}
	info, err := os.Stat(f.part())
	if err != nil {
		return nil, fmt.Errorf("go on with the export: %w", err)
	}
	if info.Size() < f.state.Size {
		return nil, fmt.Errorf("%s has %d bytes, and had %d when it was saved; begin anew", f.part(), info.Size(), f.state.Size)
	}
	if err := f.open(os.O_RDWR); err != nil {
		return nil, err
	}
	return f, nil
}

// State is where the file was when it was last saved.
func (f *File) State() State { return f.state }

// Save writes all rows that were added, and where to go on: after the row of the cursor.
// If the machine fails later, this stays.
func (f *File) Save(cursor reader.Cursor) error {
	if err := f.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", f.part(), err)
	}
	if err := f.file.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", f.part(), err)
	}
	f.state.Rows, f.state.Size, f.state.Cursor = f.rows, f.out.n, cursor
	if p, ok := f.inner.(*parquetEncoder); ok {
		f.state.Segments = p.segments
	}
	return f.save()
}

// save writes the state, in one step.
func (f *File) save() error {
	text, err := json.Marshal(f.state)
	if err != nil {
		return fmt.Errorf("save where the export is: %w", err)
	}
	temporary := f.stateName() + ".new"
	if err = writeSynced(temporary, text); err == nil {
		err = os.Rename(temporary, f.stateName())
	}
	if err != nil {
		return fmt.Errorf("save where the export is: %w", err)
	}
	return nil
}

// writeSynced writes a new file. One of the name that is there already is of a process that
// ended at the wrong moment, or of somebody else: it is not written into.
func writeSynced(name string, text []byte) error {
	if err := removeIfThere(name); err != nil {
		return err
	}
	file, err := openOwn(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// Finish writes the rest and gives the file its name.
func (f *File) Finish() error {
	if f.file != nil {
		if err := f.complete(); err != nil {
			return fmt.Errorf("write %s: %w", f.part(), err)
		}
	}
	if exists(f.part()) {
		if err := os.Rename(f.part(), f.name); err != nil {
			return fmt.Errorf("give the file its name: %w", err)
		}
	}
	if err := removeIfThere(f.stateName()); err != nil {
		return fmt.Errorf("remove where the export was: %w", err)
	}
	return syncFolder(filepath.Dir(f.name))
}

// complete writes the rest, and that it is all.
func (f *File) complete() error {
	err := f.Stream.Finish()
	if err == nil && exists(f.stateName()) { // it was saved before, so somebody may want to go on
		if err = f.file.Sync(); err == nil {
			f.state.Finished, f.state.Rows, f.state.Size = true, f.rows, f.out.n
			err = f.save()
		}
	}
	if err == nil {
		err = f.file.Close()
		f.file = nil
	}
	return err
}

// Close leaves the file as it was saved, for [Resume]. If it never was, nothing stays.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	if !exists(f.stateName()) {
		err = errors.Join(err, os.Remove(f.part()))
	}
	return err
}

// syncFolder makes a new name in a folder stay.
func syncFolder(name string) error {
	folder, err := os.Open(name) //nolint:gosec // the user says where
	if err != nil {
		return fmt.Errorf("look at the folder of the file: %w", err)
	}
	defer folder.Close()
	_ = folder.Sync() // not every file system can
	return nil
}
