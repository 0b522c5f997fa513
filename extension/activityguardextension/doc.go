// Package activityguardextension is the Collector extension "activity_guard": a
// middleware of the OTLP receiver, for both of its protocols.
//
// It reads the bytes of a request before they are decoded, and rejects requests
// that would need too much memory or stack: a few kilobytes can contain millions
// of empty records, or a value a million levels deep, which crashes the process.
// It gives each request a deadline, and limits the memory of all requests in
// flight.
//
// Read guard.go first, then http.go and grpc.go, one for each protocol. Package
// wire counts the elements of a request.
package activityguardextension
