// Package firebird is the exporter activitylog with a database/sql driver for
// Firebird compiled in, which "driver: generic" then finds. In the manifest of the
// builder it stands in place of the exporter's own module. Another database takes
// nothing but another import.
package firebird

import (
	_ "github.com/nakagami/firebirdsql" // registers the driver "firebirdsql"
	"go.opentelemetry.io/collector/exporter"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter"
)

// NewFactory returns the factory of the exporter.
func NewFactory() exporter.Factory { return activitylogexporter.NewFactory() }
