// Package lookup completes activities from tables that somebody already has: the
// name of an actor, the tenant of a user, and any other attribute, from a file or
// a SQL query.
//
// A lookup names the attributes whose values are its key and the attributes that
// it sets from the columns of the row with that key. Only blank attributes are
// set, unless it says overwrite.
//
// A file is held in memory whole, in a [table], and read again when it has changed.
// A database is asked behind a bounded cache, and never holds up a batch for longer
// than the timeout: what is not known by then stays blank, is loaded in the
// background, and is there for the next activity of the same key.
//
// Read lookups.go first, then file.go and table.go for files, cached.go, loader.go
// and sql.go for databases. Only lookups.go and target.go know pdata; only sql.go
// knows SQL.
package lookup
