//go:build unix

package export

import (
	"os"
	"syscall"
)

// lock fails if another process has locked the file. The lock ends with the process, or
// when the file is closed.
func lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
