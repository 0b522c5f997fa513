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
	"github.com/stretchr/testify/require"

	"github.com/otelactivity/activitylog/internal/collectortest"
	"github.com/otelactivity/activitylog/internal/pgtest"
	"github.com/otelactivity/activitylog/internal/testserver"
)

const (
	arrival = 30 * time.Second
	tick    = 100 * time.Millisecond
)

func load(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"compose.yaml"}, cli.WithWorkingDirectory("."))
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	require.Len(t, project.Services, 6)
	return project
}

// Versions are exact, ports are open on loopback and once each, and what is mounted
// or built from is there.
func TestImagesPortsAndPaths(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?$`)
	published := map[string]string{}
	for name, s := range load(t).Services {
		if s.Build == nil {
			require.Regexp(t, pinned, s.Image, name)
		} else {
			dockerfile, err := os.ReadFile(filepath.Join(s.Build.Context, s.Build.Dockerfile))
			require.NoError(t, err)
			require.Contains(t, string(dockerfile), " AS "+s.Build.Target+"\n", name)
			for _, from := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(dockerfile), -1) {
				require.Regexp(t, pinned, from[1])
			}
			for _, copied := range regexp.MustCompile(`/src/bin/(\S+)`).FindAllStringSubmatch(string(dockerfile), -1) {
				require.Contains(t, []string{"otelcol-activitylog", "blog"}, copied[1])
			}
		}
		for _, port := range s.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, name)
			require.Empty(t, published[port.Published], "%s and %s publish port %s", name, published[port.Published], port.Published)
			published[port.Published] = name
		}
		for _, volume := range s.Volumes {
			if volume.Type == types.VolumeTypeBind {
				require.FileExists(t, existing(t, volume.Source), name)
				require.True(t, volume.ReadOnly, "%s may write to %s", name, volume.Source)
			}
		}
	}
	require.Len(t, published, 4)
}

// existing is the file itself, or any file of a folder.
func existing(t *testing.T, path string) (file string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(path, func(p string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			file = p
		}
		return err
	}), path)
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
		require.True(t, found, arg)
		args = append(args, "--config="+mounted(t, s, file))
	}
	validate := func(change string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), collectortest.Binary(t), args...)
		cmd.Env = append(environment(s), change)
		return cmd.CombinedOutput()
	}
	out, err := validate("")
	require.NoError(t, err, "%s", out)
	_, err = validate("ACTIVITYLOG_DRIVER=none")
	require.Error(t, err, "the environment is not read")

	for _, at := range []struct{ service, variable, want string }{
		{"blog", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector" + port(s, "OTLP_HTTP_ENDPOINT")},
		{"collector", "JAEGER_OTLP_ENDPOINT", "jaeger:4317"},
		{"grafana", "ACTIVITYLOG_DB_ADDRESS", "postgres:5432"},
		{"grafana", "ACTIVITYLOG_PROMETHEUS_URL", "http://prometheus:9090"},
	} {
		require.Equal(t, at.want, *project.Services[at.service].Environment[at.variable])
	}
	text, err := os.ReadFile(mounted(t, project.Services["prometheus"], "/etc/prometheus/prometheus.yml"))
	require.NoError(t, err)
	require.Contains(t, string(text), `"collector:8888"`)
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
	require.NoError(t, filepath.WalkDir(mounted(t, s, "/etc/grafana/provisioning"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, match := range asked.FindAllStringSubmatch(string(text), -1) {
			all = append(all, match[1])
			require.NotNil(t, s.Environment[match[1]], "%s in %s", match[1], path)
		}
		return err
	}))
	require.GreaterOrEqual(t, len(all), 7)
	require.DirExists(t, mounted(t, s, *s.Environment["ACTIVITYLOG_DASHBOARDS"]))
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
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	out, err := exec.CommandContext(t.Context(), tool, "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "rules found")
}

// The account that PostgreSQL's first start makes reads the tables that the
// collector makes after it, and changes nothing.
func TestRole(t *testing.T) {
	server := pgtest.Start(t)
	owner, err := sql.Open("pgx", server.DSN())
	require.NoError(t, err)
	defer owner.Close()
	project := load(t)
	statements, err := os.ReadFile(mounted(t, project.Services["postgres"], "/docker-entrypoint-initdb.d/grafana-role.sql"))
	require.NoError(t, err)
	_, err = owner.ExecContext(t.Context(), string(statements))
	require.NoError(t, err)
	collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})

	dsn, err := url.Parse(server.DSN())
	require.NoError(t, err)
	environment := project.Services["grafana"].Environment
	dsn.User = url.UserPassword(*environment["ACTIVITYLOG_DB_USER"], *environment["ACTIVITYLOG_DB_PASSWORD"])
	reader, err := sql.Open("pgx", dsn.String())
	require.NoError(t, err)
	defer reader.Close()
	for _, table := range []string{"activity_log", "activity_log_dead_letter", "activity_log_logins", "activity_log_object_history"} {
		require.Eventually(t, func() bool {
			var n int
			return reader.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n) == nil
		}, arrival, tick, "Grafana may not read %s", table)
	}
	_, err = reader.ExecContext(t.Context(), "DELETE FROM activity_log")
	require.ErrorContains(t, err, "permission denied")
}

// What the comments and the README say is open.
func TestAddresses(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var said []string
	for _, match := range regexp.MustCompile(`http://127\.0\.0\.1:(\d+)`).FindAllStringSubmatch(string(text), -1) {
		said = append(said, match[1])
	}
	for _, s := range load(t).Services {
		for _, p := range s.Ports {
			require.True(t, slices.Contains(said, p.Published), "README.md does not say what is at port %s", p.Published)
		}
	}
}
