//go:build !linux

package seglog

import "errors"

func mountTmpfs(string, string) error { return errors.ErrUnsupported }

func unmount(string) {}
