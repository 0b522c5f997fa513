// Package join gives the spans and log records of a request the user that another
// span of the request names. Usually that is the server span, where authentication
// has put the user; the query to the database below it names nobody.
//
// A span takes the user of its nearest ancestor that has one, and never from
// another trace. By default only ancestors in the same process count: a server or
// consumer span begins a request, and whoever sends that chooses the trace and the
// parent, so what is further up is a claim of the caller. With across_services such
// claims are believed.
//
// Ancestors are looked for in the batch, and among the spans of the last seconds.
// Children end, and arrive, before their parents; a child whose parent comes in a
// later batch stays as it is, because no span is held back here.
//
// Read joiner.go first, then batch.go, memory.go and user.go.
package join
