// Written by hand after the conventions of mdatagen; keep it in step with metadata.yaml.

// Package metadata holds the type, scope and stability of the guard.
package metadata

import (
	"go.opentelemetry.io/collector/component"
)

var (
	// Type is the component's name in a Collector configuration.
	Type = component.MustNewType("activity_guard")
	// ScopeName is the instrumentation scope of the component's own telemetry.
	ScopeName = "github.com/otelactivity/activitylog/extension/activityguardextension"
)

const (
	// ExtensionStability is the stability of the component.
	ExtensionStability = component.StabilityLevelAlpha
)
