// Package compose_test reads compose.yaml with compose's own parser, since there is no Docker here.
package compose_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

func load(t *testing.T, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"compose.yaml"}, cli.WithWorkingDirectory("."), cli.WithEnv(env))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

func TestCompose(t *testing.T) {
	project, err := load(t, "POSTGRES_PASSWORD=secret")
	if err != nil {
		t.Fatal(err)
	}
	if names := slices.Sorted(maps.Keys(project.Services)); !slices.Equal(names, []string{"collector", "postgres"}) {
		t.Fatalf("services: %v", names)
	}
	collector := project.Services["collector"]
	if collector.Image != "ghcr.io/otelactivity/otelcol-activitylog:"+disttest.Version(t) {
		t.Errorf("the image is %s, want version %s", collector.Image, disttest.Version(t))
	}
	if !collector.ReadOnly || !slices.Equal(collector.CapDrop, []string{"ALL"}) || collector.MemLimit != 512<<20 {
		t.Errorf("read-only %v, dropped %v, memory %d", collector.ReadOnly, collector.CapDrop, collector.MemLimit)
	}
	if dsn := collector.Environment["ACTIVITYLOG_DSN"]; dsn == nil || *dsn != "postgres://activity:secret@postgres:5432/activity" {
		t.Errorf("the data source name is %v", dsn)
	}
	if len(collector.Volumes) != 1 || collector.Volumes[0].Target != "/var/lib/otelcol-activitylog" {
		t.Errorf("volumes: %+v", collector.Volumes)
	}
	for _, port := range collector.Ports {
		if port.HostIP != "127.0.0.1" {
			t.Errorf("port %d is open to others", port.Target)
		}
	}
}

// TestPassword: there is no password that everybody knows.
func TestPassword(t *testing.T) {
	if _, err := load(t); err == nil || !strings.Contains(err.Error(), "choose a password") {
		t.Errorf("without a password: %v", err)
	}
}
