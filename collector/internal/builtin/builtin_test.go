package builtin

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestBuiltInConfigurationIsTheShippedOne(t *testing.T) {
	shipped, err := os.ReadFile("../../../collector-config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if config != string(shipped) {
		t.Error("collector/internal/builtin/collector-config.yaml is not the one of the repository: sh collector/generate.sh")
	}
}

func TestArgs(t *testing.T) {
	const own = "--config=yaml:"
	for line, want := range map[string]string{
		"otelcol":                                   "otelcol " + own,
		"otelcol --feature-gates=a":                 "otelcol --feature-gates=a " + own,
		"otelcol --set=a::b=config":                 "otelcol --set=a::b=config " + own,
		"otelcol validate":                          "otelcol validate " + own,
		"otelcol print-config --feature-gates=a":    "otelcol print-config --feature-gates=a " + own,
		"otelcol version":                           "otelcol --version",
		"otelcol --version":                         "otelcol --version",
		"otelcol -v":                                "otelcol -v",
		"otelcol --help":                            "otelcol --help",
		"otelcol components":                        "otelcol components",
		"otelcol --config=a.yaml":                   "otelcol --config=a.yaml",
		"otelcol --config a.yaml":                   "otelcol --config a.yaml",
		"otelcol -config a.yaml":                    "otelcol -config a.yaml",
		"otelcol validate --config a.yaml":          "otelcol validate --config a.yaml",
		"otelcol --feature-gates=a --config a.yaml": "otelcol --feature-gates=a --config a.yaml",
	} {
		got := Args(strings.Fields(line))
		if n := len(got) - 1; strings.HasSuffix(got[n], config) {
			got = append(slices.Clone(got[:n]), own)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}
