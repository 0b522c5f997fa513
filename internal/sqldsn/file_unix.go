//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package sqldsn

import "syscall"

// mayRead asks the system whether this process may read a file.
func mayRead(path string) error { return syscall.Access(path, 4) } // R_OK
