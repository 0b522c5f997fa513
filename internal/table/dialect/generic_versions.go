package dialect

import "fmt"

// The methods below, and CreateTable and TableExists, make a dialect that embeds
// Generic the [Querier] that goose needs for a database that it does not know. The
// table has the columns version_id, is_applied and tstamp.

// InsertVersion implements [Querier].
func (g Generic) InsertVersion(table string) string {
	return fmt.Sprintf("INSERT INTO %s (version_id, is_applied) VALUES (%s, %s)", table, g.parameter(1), g.parameter(2))
}

// DeleteVersion implements [Querier].
func (g Generic) DeleteVersion(table string) string {
	return fmt.Sprintf("DELETE FROM %s WHERE version_id = %s", table, g.parameter(1))
}

// GetMigrationByVersion implements [Querier].
func (g Generic) GetMigrationByVersion(table string) string {
	return fmt.Sprintf("SELECT tstamp, is_applied FROM %s WHERE version_id = %s", table, g.parameter(1))
}

// ListMigrations implements [Querier].
func (Generic) ListMigrations(table string) string {
	return fmt.Sprintf("SELECT version_id, is_applied FROM %s ORDER BY version_id DESC", table)
}

// GetLatestVersion implements [Querier].
func (Generic) GetLatestVersion(table string) string {
	return fmt.Sprintf("SELECT max(version_id) FROM %s", table)
}
