package kubernetes_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

var update = flag.Bool("update", false, "write the shipped configuration into the operator's resource")

const resource = "operator/opentelemetrycollector.yaml"

// TestOperator: the configuration in the resource is the shipped one, as it is in the image, and the
// real collector reads it. The operator finds out the ports from it, so that those are no variables.
func TestOperator(t *testing.T) {
	want := shipped(t)
	text, err := os.ReadFile(resource)
	if err != nil {
		t.Fatal(err)
	}
	before, _, ok := strings.Cut(string(text), "\n  config:")
	if !ok {
		t.Fatalf("%s has no configuration", resource)
	}
	if *update {
		config, err := yaml.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		indented := "    " + strings.ReplaceAll(strings.TrimSpace(string(config)), "\n", "\n    ")
		text = []byte(before + "\n  config:\n" + indented + "\n")
		if err := os.WriteFile(resource, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Spec       struct {
			Image  string         `json:"image"`
			Config map[string]any `json:"config"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Spec.Config, want) {
		t.Errorf("%s has another configuration than collector-config.yaml; write it by: go test ./kubernetes -run TestOperator -update", resource)
	}
	if got.Spec.Image != "ghcr.io/otelactivity/otelcol-activitylog:"+disttest.Version(t) || got.APIVersion != "opentelemetry.io/v1beta1" || got.Kind != "OpenTelemetryCollector" {
		t.Errorf("the resource is %s %s with image %s", got.APIVersion, got.Kind, got.Spec.Image)
	}
	validate(t, got.Spec.Config)
}

// inImage is the environment of the image, as far as it has no passwords.
var inImage = map[string]string{
	"OTLP_GRPC_ENDPOINT": "0.0.0.0:4317", "OTLP_HTTP_ENDPOINT": "0.0.0.0:4318", "HEALTH_ENDPOINT": "0.0.0.0:13133",
	"METRICS_HOST": "0.0.0.0", "ACTIVITYLOG_STORAGE": "/var/lib/otelcol-activitylog/queue",
}

// shipped is collector-config.yaml with the values of the image. The data source name is a secret, and
// stays a variable.
func shipped(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("../../collector-config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	variable := regexp.MustCompile(`\$\{env:([A-Z_]+):-([^}]*)\}`)
	replaced := variable.ReplaceAllStringFunc(string(text), func(found string) string {
		parts := variable.FindStringSubmatch(found)
		if parts[1] == "ACTIVITYLOG_DSN" {
			return "${env:ACTIVITYLOG_DSN}"
		}
		if value, ok := inImage[parts[1]]; ok {
			return value
		}
		return parts[2]
	})
	var config map[string]any
	if err := yaml.Unmarshal([]byte(replaced), &config); err != nil {
		t.Fatal(err)
	}
	return config
}

// validate lets the collector read the configuration.
func validate(t *testing.T, config map[string]any) {
	t.Helper()
	collector := os.Getenv("ACTIVITYLOG_COLLECTOR")
	if collector == "" {
		testserver.Missing(t, "ACTIVITYLOG_COLLECTOR does not name the collector (make collector)")
	}
	text, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), collector, "validate", "--config", file)
	cmd.Env = []string{"ACTIVITYLOG_DSN=postgres://user:password@127.0.0.1:1/database"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the collector rejects it: %v\n%s", err, out)
	}
}
