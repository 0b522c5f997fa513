// Package join gives the spans and log records of a request the user of another span of
// the request. Usually authentication sets the user on the server span; the span of a
// database query below it has no user.
//
// A span gets the user of its nearest ancestor that has one, never from another trace.
// By default only ancestors in the same process count: the caller of a server or
// consumer span chooses its trace and parent, so the spans above it are claims of the
// caller. With across_services such claims are trusted.
//
// The server span of a request without a user gets that of a span below it, through
// internal spans of the same process: code that sets the user on the active span sets it
// there. If those spans name several users, it gets none.
//
// Ancestors are searched in the batch and among the spans of the last seconds. Children
// end, and arrive, before their parents. A child whose parent arrives in a later batch
// gets no user from it, because spans are not delayed.
//
// Read joiner.go first, then batch.go (down), ascent.go (up), memory.go and user.go.
package join
