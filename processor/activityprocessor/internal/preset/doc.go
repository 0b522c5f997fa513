// Package preset derives activities from the spans of OpenTelemetry's instrumentation: of
// HTTP requests, remote procedure calls, GraphQL operations and database statements.
package preset
