// Package lookup completes activities from existing tables: the name of an actor, the
// tenant of a user, and any other attribute, from a file or a SQL query.
//
// A lookup names the attributes whose values are its key and the attributes that
// it sets from the columns of the row with that key. Only blank attributes are
// set, unless it says overwrite.
//
// A file is kept in memory, in a [table], and read again when it has changed. Rows of a
// database are cached. A batch waits for a query no longer than the timeout: then the
// attributes stay blank, and the row is loaded in the background for the next activity
// with the same key.
//
// Read lookups.go first, then file.go and table.go for files, cached.go, loader.go
// and sql.go for databases. Only lookups.go and target.go know pdata; only sql.go
// knows SQL.
package lookup
