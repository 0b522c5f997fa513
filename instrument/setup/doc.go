// Package setup sets up OpenTelemetry for a service that records activities,
// in one call, and stops it in another one:
//
//	telemetry, err := setup.Start(ctx, "blog")
//	...
//	err = telemetry.Shutdown(context.Background(), server)
//
// Spans and log records are sent by OTLP to the endpoint of the standard variables
// (OTEL_EXPORTER_OTLP_ENDPOINT and others), by default to http://localhost:4318. A
// [spool.Spool] keeps activities while the collector is unreachable: in memory, or on
// disk if ACTIVITYLOG_SPOOL_DIR is set.
//
// # Variables
//
// The SDK and its exporters read theirs. This package reads:
//
//	OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES    the resource
//	OTEL_PROPAGATORS                               tracecontext,baggage (default), b3, b3multi, jaeger, xray, ottrace, none
//	OTEL_LOGS_EXPORTER, OTEL_TRACES_EXPORTER       otlp (default), console, none
//	OTEL_METRICS_EXPORTER                          no metrics unless it is set
//	OTEL_EXPORTER_OTLP_PROTOCOL, ..._LOGS_PROTOCOL,
//	..._TRACES_PROTOCOL                            http/protobuf (default), grpc
//	OTEL_EXPORTER_OTLP_ENDPOINT, ..._LOGS_ENDPOINT,
//	..._TRACES_ENDPOINT                            a URL, such as http://localhost:4318
//	OTEL_BLRP_SCHEDULE_DELAY                       longest wait for a full batch, in milliseconds (1000)
//	OTEL_BLRP_MAX_EXPORT_BATCH_SIZE                activities in one request (512)
//	ACTIVITYLOG_SPOOL_DIR                          folder of the spool, for one process only
//	ACTIVITYLOG_SPOOL_BYTES                        its size limit: bytes, or with KiB, MiB or GiB, such as 512MiB
//	                                               (64MiB in memory, 256MiB on disk)
//
// OTEL_SDK_DISABLED is not read, as by the SDK for Go: [Start] only warns. To record no
// activities, set OTEL_LOGS_EXPORTER and OTEL_TRACES_EXPORTER to none.
//
// [Start] fails if it cannot use the value of one of these, instead of sending to somewhere else.
//
// # Shutdown
//
// [Telemetry.Shutdown] stops the servers that it is given, so that no more activities are
// recorded, and then sends the remaining ones until its context ends. In memory mode,
// activities that are not sent by then are lost, and the error says how many. In disk mode,
// they are sent after the next start.
package setup
