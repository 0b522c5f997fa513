// Package spool keeps activities until a collector has taken them. It is a log
// processor for the OpenTelemetry SDK, to be used in place of its batch
// processor.
//
// In memory mode, the default, activities wait in memory, in a bounded number
// of bytes, while the collector is away. They are lost when the process is
// killed, and when it ends before they are sent.
//
// In disk mode ([WithDir]) they wait in files, and emitting one returns when
// it is on disk. They survive the process.
//
// Both modes send again, without end, whatever the collector did not take,
// unless it was refused for good: HTTP 400, 413 and 422, gRPC InvalidArgument.
// Of a batch that is refused only the records that are refused alone are
// dropped, and only if the collector takes others. What is dropped is counted, logged once a minute, and given to
// [WithDropped].
//
// An activity may be sent twice, after a timeout or a crash. Its id is the
// same then, and it is still one row.
//
// Metrics, by the OpenTelemetry metric API: activity.spool.queued,
// activity.spool.sent, activity.spool.dropped (with a reason),
// activity.spool.bytes, activity.spool.oldest_age (seconds).
package spool
