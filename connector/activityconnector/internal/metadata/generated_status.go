// Written by hand after the conventions of mdatagen; keep it in step with metadata.yaml.

// Package metadata holds the type and stability of the activity connector.
package metadata

import (
	"go.opentelemetry.io/collector/component"
)

// Type is the component's name in a Collector configuration.
var Type = component.MustNewType("activity")

// TracesToLogsStability is the stability of the component as the end of a
// traces pipeline and the start of a logs pipeline.
const TracesToLogsStability = component.StabilityLevelAlpha
