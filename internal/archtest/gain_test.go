package archtest

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// serviceSide are the packages that services import, and what they are for: a service that uses
// a framework has its modules already.
var serviceSide = map[string]string{
	"instrument":         "",
	"instrument/chi":     "github.com/go-chi/chi/v5",
	"instrument/connect": "connectrpc.com/connect",
	"instrument/echo":    "github.com/labstack/echo/v4",
	"instrument/echov5":  "github.com/labstack/echo/v5",
	"instrument/fiber":   "github.com/gofiber/fiber/v3",
	"instrument/fiberv2": "github.com/gofiber/fiber/v2",
	"instrument/gin":     "github.com/gin-gonic/gin",
	"instrument/gorilla": "github.com/gorilla/mux",
	"instrument/gqlgen":  "github.com/99designs/gqlgen/graphql",
	"instrument/grpc":    "google.golang.org/grpc",

	"instrument/activitytest": "", // it compares by itself, and takes the routes of any framework
}

// maxGain is how many modules besides OpenTelemetry's, ours and the framework's a service may
// gain.
const maxGain = 3

// TestWhatAServiceGains checks that a package for services brings few modules with it.
func TestWhatAServiceGains(t *testing.T) {
	for folder, framework := range serviceSide {
		t.Run(folder, func(t *testing.T) {
			had := modulesOf(t, folder, "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp")
			if framework != "" {
				for path := range modulesOf(t, folder, framework) {
					had[path] = true
				}
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
		})
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
