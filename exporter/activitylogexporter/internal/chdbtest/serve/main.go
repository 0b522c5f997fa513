// Command serve runs the engine of package chdbtest for the tests of other modules,
// which cannot import it. It listens at an address, keeps its data in a folder, and ends
// when its standard input does. If the engine is not installed, its exit code is 3.
//
//	serve 127.0.0.1:8123 /tmp/folder
package main

import (
	"fmt"
	"os"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: serve address folder")
		os.Exit(2)
	}
	os.Exit(chdbtest.Main(os.Args[1], os.Args[2]))
}
