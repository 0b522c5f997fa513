package main

import (
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// The user of both images. It has no name on other machines, which need none.
const (
	uid  = 65532
	user = "65532:65532"
)

// registry is where images would be. None have been published.
const registry = "ghcr.io/otelactivity"

func reference(name, version string) string { return registry + "/" + name + ":" + version }

// program says how a program runs in its image.
type program struct {
	name        string
	description string
	data        string // the folder that it may write to, a volume; "": none
	config      v1.Config
}

var programs = map[string]program{
	"otelcol-activitylog": {
		name:        "otelcol-activitylog",
		description: "OpenTelemetry Collector that keeps user activity as rows in a SQL database",
		data:        "/var/lib/otelcol-activitylog",
		config: v1.Config{
			// On localhost nobody outside of the container could reach it.
			Env: []string{
				"ACTIVITYLOG_DSN=file:/var/lib/otelcol-activitylog/activity.db",
				"ACTIVITYLOG_STORAGE=/var/lib/otelcol-activitylog/queue",
				"HEALTH_ENDPOINT=0.0.0.0:13133",
				"METRICS_HOST=0.0.0.0",
				"OTLP_GRPC_ENDPOINT=0.0.0.0:4317",
				"OTLP_HTTP_ENDPOINT=0.0.0.0:4318",
			},
			ExposedPorts: map[string]struct{}{"4317/tcp": {}, "4318/tcp": {}, "8888/tcp": {}, "13133/tcp": {}},
			StopSignal:   "SIGTERM",
			Healthcheck: &v1.HealthConfig{
				Test:     []string{"CMD", "/usr/bin/otelcol-activitylog", "healthcheck"},
				Interval: 10 * time.Second, Timeout: 5 * time.Second, StartPeriod: 30 * time.Second, Retries: 3,
			},
		},
	},
	"activitylog": {
		name:        "activitylog",
		description: "Command that reads the rows of activitylog, and looks after its table",
	},
}
