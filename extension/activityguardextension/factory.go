package activityguardextension

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/extension"

	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/metadata"
)

// NewFactory returns the factory of the guard.
func NewFactory() extension.Factory {
	return extension.NewFactory(metadata.Type, createDefaultConfig, create, metadata.ExtensionStability)
}

func create(_ context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
	if err := confmap.Validate(cfg); err != nil {
		return nil, err
	}
	return newGuard(cfg.(*Config), set.TelemetrySettings)
}
