package dialect

// Identifier is a [Dialect] whose servers can be told from each other.
type Identifier interface {
	// Identify returns a query for one text, which differs after a failover: that of
	// another server, or of another history of the same one. It is "" on a server that
	// accepts no rows.
	Identify() string
}

// Identify implements [Identifier]: the server's address, and its timeline, which each
// promotion and each recovery to a point in time changes.
func (Postgres) Identify() string {
	return "SELECT CASE WHEN pg_is_in_recovery() THEN '' ELSE coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'socket') ||" +
		" ', timeline ' || left(pg_walfile_name(pg_current_wal_lsn()), 8) END"
}

// Identify implements [Identifier]: names of the server. MariaDB has no server_uuid, and
// from version 12 on words for read_only.
func (MySQL) Identify() string {
	return "SELECT IF(CONCAT(@@global.read_only) IN ('0', 'OFF'), CONCAT(@@hostname, ':', @@port, ', server_id ', @@server_id), '')"
}
