// Package queue is the way from the senders to the database. A request is on
// disk when [Queue.AddLogs] or [Queue.AddTraces] returns nil, and stays there
// until the database has its rows.
//
//   - payload.go is the form of a request on disk.
//   - queue.go takes requests in and owns the log on disk ([seglog]).
//   - gather.go makes batches of them, consume.go writes these.
//   - suspects.go has the batches that failed. They wait for their next try at
//     the end of the line and never hold a consumer.
//   - probe.go asks a database that is away, one question at a time.
package queue
