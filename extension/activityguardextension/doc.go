// Package activityguardextension is the Collector extension "activity_guard": a
// middleware of the OTLP receiver, for both of its protocols.
//
// It reads the bytes of a request before they are decoded and refuses what would
// need too much memory or stack once it is: a few kilobytes can hold millions of
// empty records, or a value a million levels deep, which ends the process. It
// gives each request a deadline, and bounds what all requests together may hold.
//
// Read guard.go first, then http.go and grpc.go, which are the two ways in.
// Package wire counts what is in a request.
package activityguardextension
