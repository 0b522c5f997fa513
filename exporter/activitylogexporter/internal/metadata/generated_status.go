// Package metadata holds what cmd/mdatagen makes of metadata.yaml, kept by hand.
package metadata

import (
	"go.opentelemetry.io/collector/component"
)

var (
	// Type is the type of the component in a configuration.
	Type = component.MustNewType("activitylog")
	// ScopeName is the instrumentation scope of the component's own telemetry.
	ScopeName = "github.com/otelactivity/activitylog/exporter/activitylogexporter"
)

// Stability of the signals that the component takes.
const (
	TracesStability = component.StabilityLevelAlpha
	LogsStability   = component.StabilityLevelAlpha
)
