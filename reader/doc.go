// Package reader reads the table activity_log, where it is: in SQLite, PostgreSQL,
// MySQL, MariaDB or ClickHouse. It only reads.
//
// It takes a [database/sql.DB] and the kind of its database, so a service that has a
// connection gets no other driver:
//
//	r, err := reader.New(ctx, db, reader.Postgres)
//
// Package reader/drivers, a module of its own, opens a data source name with the
// drivers and settings of the collector's exporter, and for reading only:
//
//	r, err := drivers.Open(ctx, "postgres", "postgres://auditor:secret@db.example.com/audit")
//
// [Reader.List] returns a page of rows, [Reader.Get] one row, [Reader.History] what was
// done to an object, [Reader.Count] numbers by time and by column. [Reader.Scan] goes
// through any number of rows, and [Reader.Tail] waits for new ones.
//
// # Text that is searched for
//
// All values of a [Query] are parameters of the statement, and never a part of its
// text. They are compared byte for byte: case, accents and spaces count.
//
// # Errors
//
// No error has a password in it, unless the driver of a database that was given to
// [New] puts it there.
package reader
