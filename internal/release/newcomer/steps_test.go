//go:build newcomer

package newcomer_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/release/repotest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// install runs the commands of "go install", and looks at the versions.
func install(t *testing.T, n *newcomer) {
	lines := commands(n.section(t, installPage, "## go install"))
	if len(lines) != 3 {
		t.Fatalf("the page has other commands: %q", lines)
	}
	n.sh(t, t.TempDir(), strings.Join(lines, "\n"))
	for program, want := range map[string]string{
		"activitylog":         "activitylog " + n.version + " go",
		"otelcol-activitylog": "otelcol-activitylog version " + strings.TrimPrefix(n.version, "v") + "\n",
	} {
		if got := n.sh(t, t.TempDir(), program+" version"); !strings.HasPrefix(got, want) {
			t.Errorf("%s version: got %q, want %q", program, got, want)
		}
	}
	components := n.sh(t, t.TempDir(), "otelcol-activitylog components")
	if want := n.all[0].Path + "/exporter/activitylogexporter " + n.version; !strings.Contains(components, want) {
		t.Errorf("components: %q is not in\n%s", want, components)
	}
}

// service builds the program of the page, and looks at the row of a request.
func service(t *testing.T, n *newcomer) {
	n.buildService(t)
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{
		Binary: filepath.Join(n.bin, "otelcol-activitylog"), ConfigFile: filepath.Join(n.clone, "collector-config.yaml"), Driver: "sqlite", DSN: dsn,
	})
	n.record(t, c.HTTP, dsn)
}

// shop is where the service is built.
func (n *newcomer) shop() string { return filepath.Join(n.home, "shop") }

// buildService builds the program of the page, which is that of the README, with the commands
// of the page.
func (n *newcomer) buildService(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(n.clone, servicePage))
	if err != nil {
		t.Fatal(err)
	}
	page, _, _ := strings.Cut(string(text), "\n## ")
	program := blocks(page, "go")[0]
	readme, err := os.ReadFile(filepath.Join(n.clone, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if main := blocks(string(readme), "go")[0]; !strings.HasSuffix(program, "\n"+main) {
		t.Errorf("the README has another program:\n%s", main)
	}
	if err := os.Mkdir(n.shop(), 0o755); err != nil {
		t.Fatal(err)
	}
	// The port of the page may be in use here.
	write(t, n.shop(), "main.go", strings.Replace(program, `"127.0.0.1:8090"`, `os.Getenv("SHOP_ADDR")`, 1))
	lines := commands(page)
	if len(lines) != 5 || !strings.HasPrefix(lines[1], "go get ") {
		t.Fatalf("the page has other commands: %q", lines)
	}
	n.sh(t, n.shop(), strings.Join(lines, "\n"))
	mod, err := os.ReadFile(filepath.Join(n.shop(), "go.mod"))
	if err != nil || strings.Contains(string(mod), "replace") || !strings.Contains(string(mod), "/instrument "+n.version) {
		t.Errorf("go.mod (%v):\n%s", err, mod)
	}
}

// record runs the service, sends it a request, and waits for its row.
func (n *newcomer) record(t *testing.T, otlp, dsn string) {
	t.Helper()
	addr := testserver.FreeAddr(t)
	cmd := exec.CommandContext(t.Context(), filepath.Join(n.shop(), "shop"))
	cmd.Env = append(slices.Clone(n.env), "SHOP_ADDR="+addr, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+otlp, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")
	var log process.Log
	shop, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Kill()
	request := func() int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+addr+"/articles/17", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("alice", "")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	testserver.Eventually(t, 10*time.Second, func() bool { return request() == http.StatusOK }, "%v", &log)
	if err := shop.Stop(os.Interrupt, 20*time.Second); err != nil {
		t.Fatalf("%v: %s", err, log.String())
	}
	list := exec.CommandContext(t.Context(), filepath.Join(n.bin, "activitylog"), "list", "--action", "Update", "--object", "article/17", "--columns", "actor_name,service_name,remarks", "-o", "jsonl")
	list.Env = append(slices.Clone(n.env), "ACTIVITYLOG_DSN="+dsn)
	var out []byte
	testserver.Eventually(t, 20*time.Second, func() bool {
		out, _ = list.CombinedOutput()
		again := *list
		list = exec.CommandContext(t.Context(), again.Path, again.Args[1:]...)
		list.Env = again.Env
		return strings.Contains(string(out), "alice updated article 17")
	}, "%s", &out)
	if !strings.Contains(string(out), `"shop"`) {
		t.Errorf("got %s", out)
	}
}

// ownCollector builds the collector of the page with the builder, and sends it a request.
func ownCollector(t *testing.T, n *newcomer) {
	dir := t.TempDir()
	section := n.section(t, installPage, "## Your own collector")
	files := map[string]string{}
	for _, block := range blocks(section, "yaml") {
		name, text, _ := strings.Cut(strings.TrimPrefix(block, "# "), "\n")
		files[name] = text
	}
	write(t, dir, "builder.yaml", files["builder.yaml"])
	lines := commands(section)
	if len(lines) != 3 {
		t.Fatalf("the page has other commands: %q", lines)
	}
	n.sh(t, dir, lines[0]+"\n"+lines[1])
	otlp := testserver.FreeAddr(t)
	write(t, dir, "collector.yaml", strings.Replace(files["collector.yaml"], "127.0.0.1:4318", otlp, 1))
	// Other collectors on this computer may have the port of its metrics.
	words := strings.Fields(lines[2] + " --set=service::telemetry::metrics::level=none")
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, words[0]), words[1:]...)
	cmd.Dir, cmd.Env = dir, n.env
	var log process.Log
	own, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Kill()
	testserver.Eventually(t, 30*time.Second, func() bool { return strings.Contains(log.String(), "Everything is ready") }, "%v", &log)
	n.record(t, otlp, "file:"+filepath.Join(dir, "activity.db"))
	if err := own.Stop(os.Interrupt, 30*time.Second); err != nil {
		t.Errorf("%v: %s", err, log.String())
	}
}

// eachModule imports all packages of each published module in a module of its own.
func eachModule(t *testing.T, n *newcomer) {
	for _, m := range n.all {
		if !m.Published() || m.Internal() {
			continue
		}
		t.Run(strings.ReplaceAll(m.Dir, "/", "-"), func(t *testing.T) {
			packages := n.packages(t, m.Dir)
			if len(packages) == 0 {
				if _, err := os.Stat(filepath.Join(n.clone, m.Dir, "main.go")); err != nil {
					t.Error("it has no package that others can import")
				}
				return // a program
			}
			dir := t.TempDir()
			var text strings.Builder
			text.WriteString("package main\n\n")
			for _, pkg := range packages {
				fmt.Fprintf(&text, "import _ %q\n", pkg)
			}
			write(t, dir, "main.go", text.String()+"\nfunc main() {}\n")
			n.sh(t, dir, "go mod init example.com/user 2>&1; go get "+m.Path+"@"+n.version+" "+strings.Join(packages, " ")+"; go build -o /dev/null .")
			used := n.sh(t, dir, "go list -m -f '{{.Path}} {{.Version}} {{with .Replace}}replaced{{end}}' all")
			for line := range strings.Lines(used) {
				if fields := strings.Fields(line); strings.HasPrefix(fields[0], n.all[0].Path) && (len(fields) != 2 || fields[1] != n.version) {
					t.Errorf("it uses %s", strings.TrimSpace(line))
				}
			}
		})
	}
}

// packages are the packages of a module of the clone that others can import.
func (n *newcomer) packages(t *testing.T, dir string) []string {
	t.Helper()
	out := n.sh(t, filepath.Join(n.clone, dir), "go list -f '{{if ne .Name \"main\"}}{{.ImportPath}} {{len .GoFiles}}{{end}}' ./...")
	found := map[string]bool{}
	for line := range strings.Lines(out) {
		pkg, files, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pkg != "" && files != "0" && !slices.Contains(strings.Split(pkg, "/"), "internal") {
			found[pkg] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// cloneBuilds checks the clone after the release: what is generated has the new versions, the
// go.mod files agree with each other, and those of the tag's programs, with their go.sum, are
// complete without the siblings beside them.
func cloneBuilds(t *testing.T, n *newcomer) {
	tag := filepath.Join(n.home, "tag")
	repotest.Git(t, n.clone, "worktree", "add", "--detach", tag, n.version)
	for _, program := range []string{"cmd/activitylog", "collector"} {
		alone := filepath.Join(t.TempDir(), "alone")
		n.sh(t, n.home, "cp -r "+filepath.Join(tag, program)+" "+alone)
		n.sh(t, alone, "go list -mod=readonly -deps . > /dev/null; go mod tidy -e -diff")
	}
	n.sh(t, n.clone, "sh collector/generate.sh")
	if changed := repotest.Git(t, n.clone, "diff", "--", "collector"); changed != "" {
		t.Errorf("collector/generate.sh changes what was released:\n%s", changed)
	}
	for _, m := range n.all {
		n.sh(t, filepath.Join(n.clone, m.Dir), "go list -mod=readonly -deps ./... > /dev/null")
	}
}
