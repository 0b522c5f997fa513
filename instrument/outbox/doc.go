// Package outbox records activities in the transaction of the change that they are
// about. If the transaction commits, the activity becomes a row of the activity log. If
// it is rolled back, there is no activity. This holds whenever the service is killed.
//
// An [Outbox] writes the activity into a table of the service's own database, the
// outbox. A [Relay] sends what is in the outbox, and deletes what was acknowledged. It
// is a goroutine of the service:
//
//	box := outbox.New(outbox.PostgreSQL, outbox.WithServiceName("shop"))
//	exporter, err := setup.NewLogExporter(ctx)
//	…
//	go outbox.NewRelay(box, db, exporter).Run(ctx)
//
//	tx, err := db.BeginTx(ctx, nil)
//	…
//	_, err = box.Record(ctx, tx, activity.Activity{
//		ActionType: activity.ActionUpdate,
//		Actor:      activity.Actor{ID: "7", Name: "alice"},
//		Object:     activity.Object{Type: "order", ID: "17"},
//	})
//	…
//	err = tx.Commit()
//
// [Outbox.Schema] is the statement that creates the table.
//
// # Transactions
//
// Record takes an [*sql.Tx], or an [*sql.Conn] on which a transaction was begun. [Pgx]
// makes a [Tx] of a pgx.Tx. If Record returns an error, roll back: the change would have
// no activity.
//
// In a handler that package instrument wraps, the request becomes an activity too. Call
// Skip of its Current after the commit, so that there is one row. Call it only then: the
// request is recorded as failed if the transaction is rolled back.
//
// # What acknowledged means
//
// A relay deletes a row when Export of its exporter has returned nil. With an OTLP
// exporter, the collector has answered that it has the record. The collector of this
// project answers when the record is in its queue on disk.
//
// Give the relay an exporter of its own. It takes no logger provider, and so no spool:
// emitting a record to a spool in memory is no acknowledgement, since the record is lost
// if the process is killed. One on disk keeps it, but a spool whose disk is full or
// fails drops records, and does not say so to whoever emits them. The outbox takes the
// place of the spool: it waits while the collector is unreachable, without a limit.
//
// A row that was sent, but not deleted, because the process was killed in between, is
// sent again. Both records have the same id, so there is still one row of the log.
//
// # Order
//
// Several relays may use one outbox, in one process or in several. Each takes other rows
// (FOR UPDATE SKIP LOCKED; on SQLite, it claims them for a time), so that records may
// leave in another order than they were recorded in. With [WithOrder] one relay sends at
// a time, in the order of the calls of Record. Rows that failed are not waited for.
//
// # Rows that fail
//
// A row that cannot be decoded, and one that was refused again and again although others
// were accepted after it, stay in the table, with the error and the number of attempts. They do not
// stop others. They are tried again after a minute, later each time, up to an hour.
//
// # Without a collector
//
// If the outbox is in the database of the activity log, [WithTarget] writes the row of
// the log itself in the same transaction. The record that is sent for it later adds
// nothing, because the exporter ignores an id that exists. [WithTargetOnly] sends none.
//
// # Metrics
//
// By the OpenTelemetry metric API: activity.outbox.waiting and
// activity.outbox.oldest_age (seconds) say what is in the table, activity.outbox.failing
// how many of these rows have failed, activity.outbox.sent and activity.outbox.failed
// (with a reason) what the relay has done. The first three are about the table: relays of
// the same table report the same figures. Use their maximum, not their sum.
package outbox
