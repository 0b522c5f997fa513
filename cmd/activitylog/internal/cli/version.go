package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// A release sets these two by the linker: .goreleaser.yaml. Elsewhere they are empty.
var (
	release string // the version, 0.1.0
	commit  string // the first 12 digits of the commit
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Args:  takes(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.out, versionLine())
			return err
		},
	}
}

func versionLine() string {
	return "activitylog " + version() + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}

// version is that of the release with its commit, that of the module, or the commit that
// the program was built from.
func version() string {
	if release != "" && commit != "" {
		return release + " (" + commit + ")"
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return setting.Value[:12]
		}
	}
	return "devel"
}
