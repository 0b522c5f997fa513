package main

import (
	"context"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/collector"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestDoctorOfCollector asks a real collector.
func TestDoctorOfCollector(t *testing.T) {
	folder := t.TempDir()
	c := collectortest.Start(t, collectortest.Config{DSN: "file:" + folder + "/activity.db"})
	find := func(ctx context.Context) map[string]operate.Finding {
		found := map[string]operate.Finding{}
		for _, f := range collector.Check(ctx, "http://"+c.Health, "http://"+c.Metrics+"/metrics") {
			found[f.About] = f
		}
		return found
	}
	found := find(t.Context())
	for _, about := range []string{"collector", "collector's queue", "collector's disk", "collector's rows", "collector's senders"} {
		if f := found[about]; f.Level != operate.OK {
			t.Errorf("%s: got %+v", about, f)
		}
	}
	if f := found["collector's queue"]; !strings.Contains(f.Text, "of 2147 MB") {
		t.Errorf("got %+v", f)
	}
}
