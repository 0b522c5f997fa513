// Package setup sets up OpenTelemetry for a service that records activities,
// in one call:
//
//	telemetry, err := setup.Start(ctx, setup.WithServiceName("blog"))
//
// Spans and log records go by OTLP to where the standard variables say
// (OTEL_EXPORTER_OTLP_ENDPOINT and the others), by default to
// http://localhost:4318. Activities go by a [spool.Spool], which keeps them
// while the collector is away: in memory, or on disk if ACTIVITYLOG_SPOOL_DIR
// names a folder.
//
// # Variables
//
// The SDK and its exporters read theirs. This package reads:
//
//	OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES    the resource
//	OTEL_LOGS_EXPORTER, OTEL_TRACES_EXPORTER       otlp (default), console, none
//	OTEL_METRICS_EXPORTER                          no metrics unless it is set
//	OTEL_EXPORTER_OTLP_PROTOCOL, ..._LOGS_PROTOCOL,
//	..._TRACES_PROTOCOL                            http/protobuf (default), grpc
//	OTEL_BLRP_SCHEDULE_DELAY                       longest wait for a full batch, in milliseconds (1000)
//	OTEL_BLRP_MAX_EXPORT_BATCH_SIZE                activities in one request (512)
//	ACTIVITYLOG_SPOOL_DIR                          folder of the spool; one process owns it
//	ACTIVITYLOG_SPOOL_BYTES                        what it holds at most, such as 512MiB (64MiB in memory, 256MiB on disk)
//
// # The end
//
// Stop what makes activities first, the server. Then call
// [Telemetry.Shutdown], which sends what is left. Give it a context with the
// time that the service has: in memory mode what is not sent by then is lost,
// and the error says how many; in disk mode it is sent after the next start.
package setup
