package archtest

import (
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	otelhttp   = "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdk        = "go.opentelemetry.io/otel/sdk/log"
	autoexport = "go.opentelemetry.io/contrib/exporters/autoexport"
)

// serviceSide are the packages that services import, and what a service has that uses
// OpenTelemetry for the same: it has its modules already. A service that uses a framework has
// that, too.
var serviceSide = map[string][]string{
	"instrument":         {otelhttp},
	"instrument/chi":     {otelhttp, "github.com/go-chi/chi/v5"},
	"instrument/connect": {otelhttp, "connectrpc.com/connect"},
	"instrument/echo":    {otelhttp, "github.com/labstack/echo/v4"},
	"instrument/echov5":  {otelhttp, "github.com/labstack/echo/v5"},
	"instrument/fiber":   {otelhttp, "github.com/gofiber/fiber/v3"},
	"instrument/fiberv2": {otelhttp, "github.com/gofiber/fiber/v2"},
	"instrument/gin":     {otelhttp, "github.com/gin-gonic/gin"},
	"instrument/gorilla": {otelhttp, "github.com/gorilla/mux"},
	"instrument/gqlgen":  {otelhttp, "github.com/99designs/gqlgen/graphql"},
	"instrument/grpc":    {otelhttp, "google.golang.org/grpc"},

	"instrument/activitytest": {otelhttp}, // it compares by itself, and takes the routes of any framework

	"instrument/spool":     {sdk},
	"instrument/setup":     {autoexport}, // which has each exporter that OTEL_* variables can name
	"instrument/outbox":    {otelhttp, sdk},
	"instrument/protodiff": {otelhttp, "google.golang.org/protobuf/proto"},

	"reader": {}, // no telemetry
}

// maxGain is how many modules besides OpenTelemetry's, ours and the framework's a service may
// gain.
const maxGain = 3

// TestWhatAServiceGains checks that a package for services brings few modules with it.
func TestWhatAServiceGains(t *testing.T) {
	for folder, before := range serviceSide {
		t.Run(folder, func(t *testing.T) {
			had := map[string]bool{}
			for _, pkg := range before {
				maps.Copy(had, modulesOf(t, folder, pkg))
			}
			var gained []string
			for path := range modulesOf(t, folder, ".") {
				if !had[path] && !strings.HasPrefix(path, module) && !strings.HasPrefix(path, "go.opentelemetry.io/") {
					gained = append(gained, path)
				}
			}
			if len(gained) > maxGain {
				t.Errorf("a service gains %d modules, at most %d: %v", len(gained), maxGain, gained)
			}
			t.Logf("a service gains %v", gained)
		})
	}
}

// TestEachServiceModuleIsMeasured checks that no module below instrument is left out.
func TestEachServiceModuleIsMeasured(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "instrument", "*", "go.mod"))
	if err != nil || len(files) < 10 {
		t.Fatalf("got %d modules, %v", len(files), err)
	}
	for _, file := range files {
		folder := filepath.ToSlash(filepath.Join("instrument", filepath.Base(filepath.Dir(file))))
		if _, ok := serviceSide[folder]; !ok {
			t.Errorf("%s is not in serviceSide", folder)
		}
	}
}

// modulesOf returns the modules whose packages a package imports, directly or not.
func modulesOf(t *testing.T, folder, pkg string) map[string]bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", pkg)
	cmd.Dir = filepath.Join(root, folder)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v", folder, err)
	}
	modules := map[string]bool{}
	for path := range strings.FieldsSeq(string(out)) {
		modules[path] = true
	}
	return modules
}
