//go:build linux

package install

import (
	"runtime"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

// architectures are rpm's names of Go's.
var architectures = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// The rpm of the collector has the same files as the deb, with configuration that upgrades keep. It is
// not installed: this is a test of its contents.
func TestRPM(t *testing.T) {
	needs(t, "rpm", "rpm2cpio", "cpio")
	file := disttest.File(t, name+"-*."+architectures[runtime.GOARCH]+".rpm")
	files := run(t, "rpm", "-qp", "--qf", `[%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} [%{FILEFLAGS:fflags}]\n]`, file)
	for _, want := range []string{
		"/usr/bin/otelcol-activitylog -rwxr-xr-x root:root",
		config + " -rw-r--r-- root:root cn",
		envFile + " -rw-r----- root:otelcol-activitylog cn",
		"/etc/otelcol-activitylog drwxr-xr-x root:root",
		state + " drwxr-x--- otelcol-activitylog:otelcol-activitylog",
		unitFile + " -rw-r--r-- root:root",
		"/usr/share/doc/otelcol-activitylog/THIRD_PARTY_LICENSES -rw-r--r-- root:root",
		"/usr/share/licenses/otelcol-activitylog/LICENSE -rw-r--r-- root:root",
		"/usr/share/doc/otelcol-activitylog/changelog.gz -rw-r--r-- root:root",
		"/usr/share/man/man1/otelcol-activitylog.1.gz -rw-r--r-- root:root",
	} {
		if !strings.Contains(files, want) {
			t.Errorf("the package has no %q:\n%s", want, files)
		}
	}
	scripts := run(t, "rpm", "-qp", "--scripts", file)
	for script, want := range map[string]string{
		"preinstall":    "useradd --system",
		"postinstall":   "preset otelcol-activitylog.service",
		"preuninstall":  "disable --now otelcol-activitylog.service",
		"postuninstall": "try-restart otelcol-activitylog.service",
	} {
		_, after, _ := strings.Cut(scripts, script+" scriptlet")
		if body, _, _ := strings.Cut(after, " scriptlet"); !strings.Contains(body, want) {
			t.Errorf("script %s does not have %q:\n%s", script, want, scripts)
		}
	}
	if strings.Contains(scripts, "userdel") || strings.Contains(scripts, "rm ") {
		t.Errorf("a script deletes something:\n%s", scripts)
	}
	if got := run(t, "rpm", "-qp", "--requires", file); !strings.Contains(got, "shadow-utils") {
		t.Errorf("it does not need what makes users: %s", got)
	}
	inside := run(t, "sh", "-c", "rpm2cpio '"+file+"' | cpio -i --to-stdout --quiet '*config.yaml'")
	if !strings.Contains(inside, "file:"+state+"/activity.db") {
		t.Errorf("the configuration in it is not that of the packages:\n%s", inside)
	}
}

// The rpm of the command has manual pages and completions.
func TestRPMOfCommand(t *testing.T) {
	needs(t, "rpm")
	files := run(t, "rpm", "-qpl", disttest.File(t, "activitylog-*."+architectures[runtime.GOARCH]+".rpm"))
	for _, want := range []string{
		"/usr/bin/activitylog\n", "/usr/share/man/man1/activitylog-tail.1.gz",
		"/usr/share/bash-completion/completions/activitylog", "/usr/share/zsh/site-functions/_activitylog",
		"/usr/share/fish/vendor_completions.d/activitylog.fish", "/usr/share/doc/activitylog/THIRD_PARTY_LICENSES",
	} {
		if !strings.Contains(files, want) {
			t.Errorf("the package has no %s:\n%s", want, files)
		}
	}
}
