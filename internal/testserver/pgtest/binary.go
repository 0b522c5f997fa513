package pgtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// binEnv names the environment variable with the folder of another PostgreSQL's
// programs, such as those that scripts/postgres18.sh installs.
const binEnv = "ACTIVITYLOG_PG_BIN"

// serverPrograms must be of one version. Others, such as pg_isready, may be of
// another one than the server.
var serverPrograms = []string{"initdb", "postgres", "pg_ctl", "pg_basebackup", "pg_rewind"}

// binary finds a program of PostgreSQL: in the folder of [binEnv], else the newest of
// Debian's, else in PATH. Programs of a server are only looked for in that folder, if
// it is named.
func binary(name string) (string, error) {
	if folder := os.Getenv(binEnv); folder != "" {
		path, err := exec.LookPath(filepath.Join(folder, name))
		if err == nil || slices.Contains(serverPrograms, name) {
			return path, err
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) > 0 {
		return newest(found), nil
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/" + name) // of PgBouncer, which is not in every PATH
}

// newest returns the path with the highest version, .../15/bin/initdb. 9.6 is older
// than 15.
func newest(paths []string) string {
	return slices.MaxFunc(paths, func(a, b string) int { return slices.Compare(version(a), version(b)) })
}

// version returns the numbers of the version in a path of Debian's.
func version(path string) (numbers []int) {
	for _, number := range strings.Split(filepath.Base(filepath.Dir(filepath.Dir(path))), ".") {
		n, _ := strconv.Atoi(number)
		numbers = append(numbers, n)
	}
	return numbers
}
