// Command proxy writes the modules of a release in this clone as a module proxy on disk, from which
// they can be installed before they are published.
//
//	make release-proxy VERSION=v0.1.0 PROXY=/tmp/proxy
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/otelactivity/activitylog/internal/release/git"
	"github.com/otelactivity/activitylog/internal/release/modules"
	"github.com/otelactivity/activitylog/internal/release/modzip"
)

func main() {
	root, err := git.Run(".", "rev-parse", "--show-toplevel")
	if err == nil {
		var text string
		text, err = run(root, os.Args[1:])
		fmt.Print(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release-proxy:", err)
		os.Exit(1)
	}
}

// run takes a version and a folder, and returns what to set for the go command.
func run(root string, args []string) (string, error) {
	if len(args) != 2 || args[0] == "" || args[1] == "" {
		return "", errors.New("want VERSION=v0.1.0, which make release has made, and PROXY=/path, a folder that is new")
	}
	version, proxy := args[0], args[1]
	proxy, err := filepath.Abs(proxy)
	if err != nil {
		return "", err
	}
	if left, err := os.ReadDir(proxy); err == nil && len(left) > 0 {
		return "", fmt.Errorf("PROXY must be a new folder; %s is not empty", proxy)
	}
	date, err := git.Run(root, "log", "-1", "--format=%cs", "refs/tags/"+version)
	if err != nil {
		return "", fmt.Errorf("there is no tag %s in this clone; make release VERSION=%s makes it", version, version)
	}
	all, err := modules.Load(root)
	if err != nil {
		return "", err
	}
	tree, err := modzip.Read(root, "refs/tags/"+version)
	if err != nil {
		return "", err
	}
	written, err := tree.WriteProxy(proxy, all, version, date)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`%d modules of %s are in %s. To install from it, and keep them out of your module cache:

  export GOPROXY=file://%s,%s GONOSUMDB=%s GOMODCACHE=%s
`, written, version, proxy, filepath.ToSlash(proxy), others(), all[0].Path+","+all[0].Path+"/*", filepath.Join(os.TempDir(), "modcache-"+version)), nil
}

// others is where modules of others come from.
func others() string {
	if set := os.Getenv("GOPROXY"); set != "" && !strings.HasPrefix(set, "file:") {
		return set
	}
	return "https://proxy.golang.org,direct"
}
