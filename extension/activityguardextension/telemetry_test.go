package activityguardextension

import (
	"context"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/metadatatest"
	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/wire"
)

// TestRefusedRequestsAreCounted refuses requests for two reasons, and reads the metric.
func TestRefusedRequestsAreCounted(t *testing.T) {
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
	ext, err := NewFactory().Create(t.Context(), metadatatest.NewSettings(tel), createDefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	g := ext.(*guard)
	if err := g.refuse(t.Context(), "http", wire.ErrDepth); err == nil {
		t.Fatal("got no error")
	}
	if err := g.refuse(t.Context(), "http", wire.ErrDepth); err == nil {
		t.Fatal("got no error")
	}
	if err := g.refuse(t.Context(), "grpc", errMemory); err == nil {
		t.Fatal("got no error")
	}
	labels := func(protocol, reason string) attribute.Set {
		return attribute.NewSet(attribute.String("protocol", protocol), attribute.String("reason", reason))
	}
	metadatatest.AssertEqualExtensionActivityGuardRefused(t, tel, []metricdata.DataPoint[int64]{
		{Attributes: labels("http", "depth"), Value: 2}, {Attributes: labels("grpc", "memory"), Value: 1},
	}, metricdatatest.IgnoreTimestamp())
}
