// Package preset derives activities from spans as OpenTelemetry's instrumentation
// writes them: of HTTP requests, remote procedure calls, GraphQL operations and
// statements of databases.
package preset
