package cli

import (
	"slices"

	"github.com/spf13/pflag"
)

// Formats of -o.
const (
	formatTable = "table"
	formatJSON  = "json"
	formatJSONL = "jsonl"
	formatCSV   = "csv"
)

// addFormat adds -o to a sub-command that prints rows or other facts.
func (a *app) addFormat(flags *pflag.FlagSet) {
	flags.StringVarP(&a.flags.format, "output-format", "o", formatTable, "`format`: table, json, jsonl or csv")
}

func (a *app) checkFormat() error {
	if !slices.Contains([]string{"", formatTable, formatJSON, formatJSONL, formatCSV}, a.flags.format) {
		return usagef("-o must be one of table, json, jsonl, csv; got %.64q", a.flags.format)
	}
	return nil
}
