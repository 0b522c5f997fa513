// Package compose_test checks what can be checked of compose.yaml without Docker:
// compose's own parser reads it, the real programs read what it gives them, and the
// account of Grafana may read what the collector makes, on a real PostgreSQL.
package compose_test

import (
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

const (
	arrival = 30 * time.Second
	tick    = 100 * time.Millisecond
)

func load(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"compose.yaml"}, cli.WithWorkingDirectory("."))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(project.Services) != 6 {
		t.Fatalf("project.Services: got %v, want %v of them", project.Services, 6)
	}
	return project
}

// Versions are exact, ports are open on loopback and once each, and what is mounted
// or built from is there.
func TestImagesPortsAndPaths(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?$`)
	published := map[string]string{}
	for name, s := range load(t).Services {
		if s.Build == nil {
			if !pinned.MatchString(s.Image) {
				t.Fatalf("%v: %q does not match %s", name, s.Image, pinned)
			}
		} else {
			dockerfile, err := os.ReadFile(filepath.Join(s.Build.Context, s.Build.Dockerfile))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(dockerfile); !strings.Contains(got, " AS "+s.Build.Target+"\n") {
				t.Fatalf("%v: %q is not in:\n%s", name, " AS "+s.Build.Target+"\n", got)
			}
			for _, from := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(dockerfile), -1) {
				if !pinned.MatchString(from[1]) {
					t.Fatalf("%q does not match %s", from[1], pinned)
				}
			}
			for _, copied := range regexp.MustCompile(`/src/bin/(\S+)`).FindAllStringSubmatch(string(dockerfile), -1) {
				if built := []string{"otelcol-activitylog", "blog"}; !slices.Contains(built, copied[1]) {
					t.Fatalf("%q is copied; want one of %q", copied[1], built)
				}
			}
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Fatalf("%v: got %v, want %v", name, port.HostIP, "127.0.0.1")
			}
			if got := published[port.Published]; len(got) != 0 {
				t.Fatalf("%s and %s publish port %s: got %v, want nothing", name, published[port.Published], port.Published, got)
			}
			published[port.Published] = name
		}
		for _, volume := range s.Volumes {
			if volume.Type == types.VolumeTypeBind {
				if _, err := os.Stat(existing(t, volume.Source)); err != nil {
					t.Fatalf("%v: %v", name, err)
				}
				if !volume.ReadOnly {
					t.Fatalf("%s may write to %s", name, volume.Source)
				}
			}
		}
	}
	if len(published) != 4 {
		t.Fatalf("published: got %v, want %v of them", published, 4)
	}
}

// existing is the file itself, or any file of a folder.
func existing(t *testing.T, path string) (file string) {
	t.Helper()
	if err := filepath.WalkDir(path, func(p string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			file = p
		}
		return err
	}); err != nil {
		t.Fatalf("%v: %v", path, err)
	}
	return file
}

// mounted is where a file of a container is here.
func mounted(t *testing.T, s types.ServiceConfig, target string) string {
	t.Helper()
	for _, volume := range s.Volumes {
		if volume.Type != types.VolumeTypeBind {
			continue
		}
		if rest, inside := strings.CutPrefix(target, volume.Target); inside {
			return volume.Source + rest
		}
	}
	t.Fatalf("nothing is mounted at %s", target)
	return ""
}

// The real collector takes its configuration with the environment that it gets, and
// whoever sends to it names a port that it opens.
func TestCollector(t *testing.T) {
	project := load(t)
	s := project.Services["collector"]
	args := []string{"validate"}
	for _, arg := range s.Command {
		file, found := strings.CutPrefix(arg, "--config=")
		if !found {
			t.Fatalf("%v", arg)
		}
		args = append(args, "--config="+mounted(t, s, file))
	}
	validate := func(change string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), collectortest.Binary(t), args...)
		cmd.Env = append(environment(s), change)
		return cmd.CombinedOutput()
	}
	out, err := validate("")
	if err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	_, err = validate("ACTIVITYLOG_DRIVER=none")
	if err == nil {
		t.Fatal("the environment is not read: got no error")
	}

	for _, at := range []struct{ service, variable, want string }{
		{"blog", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector" + port(s, "OTLP_HTTP_ENDPOINT")},
		{"collector", "JAEGER_OTLP_ENDPOINT", "jaeger:4317"},
		{"grafana", "ACTIVITYLOG_DB_ADDRESS", "postgres:5432"},
		{"grafana", "ACTIVITYLOG_PROMETHEUS_URL", "http://prometheus:9090"},
	} {
		if got := *project.Services[at.service].Environment[at.variable]; got != at.want {
			t.Fatalf("*project.Services[at.service].Environment[at.variable]: got %v, want %v", got, at.want)
		}
	}
	text, err := os.ReadFile(mounted(t, project.Services["prometheus"], "/etc/prometheus/prometheus.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text); !strings.Contains(got, `"collector:8888"`) {
		t.Fatalf("%q is not in:\n%s", `"collector:8888"`, got)
	}
}

func environment(s types.ServiceConfig) (list []string) {
	for name, value := range s.Environment {
		list = append(list, name+"="+*value)
	}
	return list
}

func port(s types.ServiceConfig, variable string) string {
	address := *s.Environment[variable]
	return address[strings.LastIndex(address, ":"):]
}

// Each variable that the provisioning files ask Grafana's environment for is there.
func TestGrafana(t *testing.T) {
	s := load(t).Services["grafana"]
	asked := regexp.MustCompile(`\$\{(ACTIVITYLOG_\w+)\}`)
	var all []string
	if err := filepath.WalkDir(mounted(t, s, "/etc/grafana/provisioning"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, match := range asked.FindAllStringSubmatch(string(text), -1) {
			all = append(all, match[1])
			if s.Environment[match[1]] == nil {
				t.Fatalf("%s in %s: got nil", match[1], path)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(all) < 7 {
		t.Fatalf("len(all): got %v, want at least %v", len(all), 7)
	}
	if _, err := os.Stat(mounted(t, s, *s.Environment["ACTIVITYLOG_DASHBOARDS"])); err != nil {
		t.Fatalf("%v", err)
	}
}

func TestPrometheus(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		testserver.Missing(t, "there is no promtool (apt-get install prometheus)")
	}
	// Both files side by side, as in the container.
	s, dir := load(t).Services["prometheus"], t.TempDir()
	for _, name := range []string{"prometheus.yml", "rules.yaml"} {
		text, err := os.ReadFile(mounted(t, s, "/etc/prometheus/"+name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), tool, "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if got := string(out); !strings.Contains(got, "rules found") {
		t.Fatalf("%q is not in:\n%s", "rules found", got)
	}
}

// The account that PostgreSQL's first start makes reads the tables that the
// collector makes after it, and changes nothing.
func TestRole(t *testing.T) {
	server := pgtest.Start(t)
	owner, err := sql.Open("pgx", server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	project := load(t)
	statements, err := os.ReadFile(mounted(t, project.Services["postgres"], "/docker-entrypoint-initdb.d/grafana-role.sql"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = owner.ExecContext(t.Context(), string(statements))
	if err != nil {
		t.Fatal(err)
	}
	collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})

	dsn, err := url.Parse(server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	environment := project.Services["grafana"].Environment
	dsn.User = url.UserPassword(*environment["ACTIVITYLOG_DB_USER"], *environment["ACTIVITYLOG_DB_PASSWORD"])
	reader, err := sql.Open("pgx", dsn.String())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for _, table := range []string{"activity_log", "activity_log_dead_letter", "activity_log_logins", "activity_log_object_history"} {
		testserver.Eventually(t, arrival, func() bool {
			var n int
			return reader.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n) == nil
		}, "Grafana may not read %s", table)
	}
	_, err = reader.ExecContext(t.Context(), "DELETE FROM activity_log")
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Fatalf("got %v, want an error with %q", err, "permission denied")
	}
}

// What the comments and the README say is open.
func TestAddresses(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, match := range regexp.MustCompile(`http://127\.0\.0\.1:(\d+)`).FindAllStringSubmatch(string(text), -1) {
		said = append(said, match[1])
	}
	for _, s := range load(t).Services {
		for _, p := range s.Ports {
			if !slices.Contains(said, p.Published) {
				t.Fatalf("README.md does not say what is at port %s", p.Published)
			}
		}
	}
}
