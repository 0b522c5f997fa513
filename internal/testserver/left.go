package testserver

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// prefix begins the name of a server's folder. The id of the test's process follows.
const prefix = "testserver-"

// sweep is done once in each process.
var sweep sync.Once

// removeLeft removes the folders of servers whose tests were killed before they could clean up. A
// database has up to a gigabyte, and a full disk makes tests fail that have nothing wrong.
func removeLeft(parent string) {
	folders, _ := filepath.Glob(filepath.Join(parent, prefix+"*"))
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), prefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && pid > 0 && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(folder) // a folder of another account stays
		}
	}
}
