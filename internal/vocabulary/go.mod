module github.com/otelactivity/activitylog/internal/vocabulary

go 1.26.0

require (
	github.com/otelactivity/activitylog v0.0.0
	github.com/otelactivity/activitylog/reader v0.0.0-00010101000000-000000000000
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	go.opentelemetry.io/otel v1.47.0
	go.yaml.in/yaml/v3 v3.0.6
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	golang.org/x/text v0.14.0 // indirect
)

replace (
	github.com/otelactivity/activitylog => ../..
	github.com/otelactivity/activitylog/reader => ../../reader
)
