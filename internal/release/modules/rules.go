package modules

import (
	"fmt"
	"slices"
	"strings"
)

// The sets of versions.yaml.
const (
	Service   = "service"
	Collector = "collector"
)

// shared are the modules of the service side that the collector side may require. They have
// no OpenTelemetry, whose versions differ between the two sides, but the API of traces.
var shared = []string{".", "internal/table"}

// traceAPI is what clickhouse-go imports in every release. It is stable since 2021.
var traceAPI = []string{"go.opentelemetry.io/otel", "go.opentelemetry.io/otel/trace"}

// Faults are the ways in which published modules require what they must not.
func Faults(all []Module) (faults []string) {
	byPath := map[string]Module{}
	for _, m := range all {
		byPath[m.Path] = m
	}
	for _, m := range all {
		if !m.Published() {
			continue
		}
		for _, r := range m.File.Require {
			if why := forbidden(m, byPath, r.Mod.Path); why != "" {
				faults = append(faults, fmt.Sprintf("%s requires %s: %s", m.GoMod(), r.Mod.Path, why))
			}
		}
	}
	return faults
}

// forbidden says why a published module must not require a path, or "".
func forbidden(m Module, byPath map[string]Module, path string) string {
	required, sibling := byPath[path]
	switch {
	case sibling && !required.Published():
		return "it is not published, so nobody could use a release, not even if only tests import it"
	case sibling && m.Set == Service && required.Set == Collector:
		return "a service must not get the Collector into its module graph"
	case m.Set == Service && strings.HasPrefix(path, "go.opentelemetry.io/collector"):
		return "a service must not get the Collector into its module graph"
	case sibling && m.Set == Collector && required.Set == Service && !isShared(required):
		return "the two sides have different versions of OpenTelemetry; they share the root and internal/table alone"
	case isShared(m) && strings.Contains(path, "telemetry") && !slices.Contains(traceAPI, path):
		return "both sides share it, so it has no OpenTelemetry but the API of traces"
	}
	return ""
}

func isShared(m Module) bool { return slices.Contains(shared, m.Dir) }
