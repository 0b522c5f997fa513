package export

import (
	"errors"
	"io"
	"os"
)

// errNotOwn is the error of a file that is there and that somebody else could read or have
// meant: in a folder that others write to, they can put one where ours is going to be.
var errNotOwn = errors.New("is a link, or is not a file of this user alone; remove it, or export to a folder that only you can write to")

// openOwn opens a file that nobody else can read. A file that is there already must be
// this user's, and must not be a link.
func openOwn(name string, flags int) (*os.File, error) {
	file, err := os.OpenFile(name, flags|noFollow, 0o600) //nolint:gosec // the user says which file
	if isLink(err) {
		return nil, &os.PathError{Op: "open", Path: name, Err: errNotOwn}
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && (!info.Mode().IsRegular() || !own(info)) {
		err = &os.PathError{Op: "open", Path: name, Err: errNotOwn}
	}
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = file.Chmod(0o600)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// readOwn reads a file of this user.
func readOwn(name string) ([]byte, error) {
	file, err := openOwn(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}
