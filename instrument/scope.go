package instrument

import semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

// ScopeName is the name of the instrumentation scope of all log records that
// this package emits.
const ScopeName = "github.com/otelactivity/activitylog/instrument"

// Version is the version of that scope: the release of this module.
const Version = "0.1.0"

// Attributes of otelhttp that hold what the client wrote.
const (
	urlPathKey       = string(semconv.URLPathKey)
	serverAddressKey = string(semconv.ServerAddressKey)
)
