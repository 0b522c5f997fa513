// Written by hand after the conventions of mdatagen; keep it in step with metadata.yaml.

// Package metadata holds the type, scope and stability of the activity processor.
package metadata

import (
	"go.opentelemetry.io/collector/component"
)

var (
	// Type is the component's name in a Collector configuration.
	Type = component.MustNewType("activity")
	// ScopeName is the instrumentation scope of the component's own telemetry.
	ScopeName = "github.com/otelactivity/activitylog/processor/activityprocessor"
)

const (
	// TracesStability is the stability of the component in a traces pipeline.
	TracesStability = component.StabilityLevelAlpha
	// LogsStability is the stability of the component in a logs pipeline.
	LogsStability = component.StabilityLevelAlpha
)
