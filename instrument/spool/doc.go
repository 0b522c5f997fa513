// Package spool keeps activities until a collector has acknowledged them. It is
// a log processor for the OpenTelemetry SDK. Use it instead of the SDK's batch
// processor.
//
// In memory mode, the default, activities wait in memory while the collector is
// unreachable, up to a number of bytes. They are lost if the process is killed,
// or if it ends before they are sent.
//
// In disk mode ([WithDir]) they wait in files. Emitting a record returns when it
// is on disk. It survives the process.
//
// Both modes retry without end, unless the collector rejects a record permanently
// (HTTP 400, 413 and 422, gRPC InvalidArgument). A record of a rejected batch is
// dropped only if it is also rejected alone while the collector accepts others.
// Dropped records are counted, logged once a minute, and passed to the function of
// [WithDropped].
//
// After a timeout or a crash, an activity may be sent twice. Both have the same id, so
// there is still one row.
//
// Metrics, by the OpenTelemetry metric API: activity.spool.queued,
// activity.spool.sent, activity.spool.dropped (with a reason),
// activity.spool.bytes, activity.spool.oldest_age (seconds).
package spool
