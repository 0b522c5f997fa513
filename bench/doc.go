// Package bench holds no code but its tests: benchmarks of the whole system,
// from OTLP/gRPC through the real program otelcol-activitylog to committed rows,
// and tests at a size at which the other modules do not test. "make bench" runs
// the benchmarks; docs/performance.md says what each figure is.
package bench
