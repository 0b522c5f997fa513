package dialect

import (
	"embed"
	"strings"
)

//go:embed replay/*.sql
var replays embed.FS

// Replay returns the statements that put the dead letters of a table back, after
// whatever refused them has been mended. They are to be run in one transaction;
// README.md shows them. d is known by its [Dialect.Goose]; "" for none.
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
