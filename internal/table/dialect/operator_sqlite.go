package dialect

import "github.com/otelactivity/activitylog/activity"

var _ Operator = SQLite{}

// Clock implements [Operator].
func (d SQLite) Clock() string { return d.Now() }

// Ends implements [Operator].
func (SQLite) Ends(table string) string { return ends(Quote(table)) }

// Things implements [Operator].
func (SQLite) Things(string) string {
	return "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view', 'index')"
}

// Rows implements [Operator].
func (d SQLite) Rows(table string, ids []activity.ID) (query string, args []any) {
	return d.Read(table, rowColumns(), ids)
}

// MaxIDs implements [Operator].
func (d SQLite) MaxIDs() int { return d.MaxRead() }

// Letters implements [Operator].
func (SQLite) Letters(table string, after activity.ID, limit int) (query string, args []any) {
	return lettersAfter(table, after, limit)
}

// LettersOf implements [Operator].
func (SQLite) LettersOf(table string, ids []activity.ID) (query string, args []any) {
	return lettersOf(table, ids)
}

// DropLetters implements [Operator].
func (SQLite) DropLetters(table string, ids []activity.ID) (query string, args []any) {
	return dropLetters(table, ids)
}

// Grants implements [Operator]. SQLite has no accounts: the rights are those of the file.
func (SQLite) Grants(Role, string, string) []string { return nil }
