// Package dependency finds the modules that programs and libraries are made of, and their
// licences.
package dependency

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Own is the prefix of this repository's modules, whose licence is the repository's.
const Own = "github.com/otelactivity/activitylog"

// Standard is the name under which the standard library is listed. All programs contain it.
const Standard = "Go standard library"

// systems are those that programs are released for. They differ in a few modules.
var systems = []string{"linux", "darwin", "windows"}

// Module is a module of somebody else.
type Module struct {
	Path    string
	Version string
	Folders []string // the module's folder, and those of its packages that are used
}

// Modules returns the modules of other people whose packages a folder's packages import, on any
// of the systems, in order of their paths. patterns are those of the go command. Tests do not count.
func Modules(ctx context.Context, folder string, patterns ...string) ([]Module, error) {
	found := map[string]*Module{}
	for _, system := range systems {
		if err := add(ctx, found, folder, system, patterns); err != nil {
			return nil, fmt.Errorf("list what %s imports on %s: %w", folder, system, err)
		}
	}
	var all []Module
	for _, module := range found {
		slices.Sort(module.Folders)
		module.Folders = slices.Compact(module.Folders)
		all = append(all, *module)
	}
	slices.SortFunc(all, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// listed is what go list says about a package.
type listed struct {
	Dir    string
	Module *struct {
		Path    string
		Version string
		Dir     string
		Replace *struct{ Path, Version string }
	}
}

func add(ctx context.Context, found map[string]*Module, folder, system string, patterns []string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-deps", "-json=Dir,Module"}, patterns...)...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = folder, &stderr
	cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg listed
		if err := list.Decode(&pkg); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read what go list printed: %w", err)
		}
		if pkg.Module == nil || pkg.Module.Path == Own || strings.HasPrefix(pkg.Module.Path, Own+"/") {
			continue
		}
		module := found[pkg.Module.Path]
		if module == nil {
			module = &Module{Path: pkg.Module.Path, Version: pkg.Module.Version}
			if pkg.Module.Replace != nil {
				module.Version = pkg.Module.Replace.Path + " " + pkg.Module.Replace.Version
			}
			found[module.Path] = module
		}
		module.Folders = append(module.Folders, between(pkg.Module.Dir, pkg.Dir)...)
	}
}

// between returns the folders from that of a module to that of its package.
func between(module, pkg string) []string {
	all := []string{module}
	for dir := pkg; strings.HasPrefix(dir, module+string(filepath.Separator)); dir = filepath.Dir(dir) {
		all = append(all, dir)
	}
	return all
}
