//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package seglog

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks f, and returns false if another process holds the lock. The kernel
// releases it when the process ends, even if it is killed.
func tryLock(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, os.NewSyscallError("flock", err)
		}
	}
}

// syncDir makes the names of new files durable.
func syncDir(dir *os.File) error { return dir.Sync() }
