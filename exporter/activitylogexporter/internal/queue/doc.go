// Package queue keeps requests on disk until their rows are in the database. A
// request is on disk when [Queue.AddLogs] or [Queue.AddTraces] returns nil.
//
//   - payload.go encodes a request for the disk.
//   - queue.go accepts requests and owns the log on disk ([seglog]).
//   - gather.go makes batches of requests; consume.go writes them.
//   - kept.go keeps what was written for a while, in case the database fails over.
//   - retries.go holds the batches that failed until their next try. They never
//     block a consumer.
//   - probe.go checks whether an unreachable database is back, with one consumer.
package queue
