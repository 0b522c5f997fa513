package cli

import (
	"strings"
	"unsafe"
)

// hideDSN returns a copy of the arguments without the name of the program, and puts x in
// place of a DSN in the memory of the originals, where ps looks. Until then it shows, so
// the environment is the better place for it.
func hideDSN(args []string) []string {
	var copied []string
	for i, arg := range args {
		if i == 0 {
			continue
		}
		copied = append(copied, strings.Clone(arg))
		if value, ok := strings.CutPrefix(arg, "--dsn="); ok {
			overwrite(value)
		} else if args[i-1] == "--dsn" {
			overwrite(arg)
		}
	}
	return copied
}

// overwrite writes x over a string of [os.Args], whose memory is that of the process's
// arguments. It must not be called for any other.
func overwrite(text string) {
	for i := range len(text) {
		*(*byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), i)) = 'x' //nolint:gosec // see above
	}
}
