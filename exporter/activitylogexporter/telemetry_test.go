package activitylogexporter

import (
	"errors"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
)

// TestLogLevels checks that a warning is something to look at: routine work is none.
func TestLogLevels(t *testing.T) {
	core, logged := observer.New(zap.DebugLevel)
	set := exportertest.NewNopSettings(metadata.Type).TelemetrySettings
	set.Logger = zap.New(core)
	told, err := newTelemetry(component.NewID(metadata.Type), set)
	if err != nil {
		t.Fatal(err)
	}
	defer told.Shutdown()
	for name, tt := range map[string]struct {
		tell func()
		want zapcore.Level
	}{
		"routine work":         {func() { told.Did(t.Context(), "The index was made.") }, zap.InfoLevel},
		"a dropped partition":  {func() { told.Dropped(t.Context(), "activity_log_p20260101") }, zap.InfoLevel},
		"something to look at": {func() { told.Noted(t.Context(), "Clocks differ.", nil) }, zap.WarnLevel},
		"a failure":            {func() { told.Noted(t.Context(), "No counts.", errors.New("refused")) }, zap.WarnLevel},
	} {
		t.Run(name, func(t *testing.T) {
			tt.tell()
			entries := logged.TakeAll()
			if len(entries) != 1 || entries[0].Level != tt.want {
				t.Errorf("got %+v, want one line of level %s", entries, tt.want)
			}
		})
	}
}
