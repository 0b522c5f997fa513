package dialect

import (
	"embed"
	"strings"
)

//go:embed replay/*.sql
var replays embed.FS

// Replay returns the statements that insert the dead letters of a table again, after
// the cause was fixed. Run them in one transaction; docs/operate/dead-letters.md
// shows them. The text is found by [Dialect.Goose] of d; "" if there is none.
func Replay(d Dialect, table string) string {
	text, err := replays.ReadFile("replay/" + d.Goose() + ".sql")
	if err != nil {
		return ""
	}
	return strings.NewReplacer(
		"{{table}}", Quote(table),
		"{{dead_letter}}", Quote(DeadLetterTable(table)),
		"{{store}}", Quote(clickhouseStore(table)),
		"{{dead_letter_store}}", Quote(clickhouseStore(DeadLetterTable(table))),
	).Replace(string(text))
}
