package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
)

func newDeadLetters(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dead-letters",
		Short: "Show rows that the database rejected, and put them back",
		Long: strings.TrimSpace(`
A row that the database rejected is a dead letter: it is in the table
activity_log_dead_letter, with the reason. Fix the cause, then "retry" puts the rows
back.`),
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newLettersList(a), newLettersShow(a), newLettersRetry(a), newLettersDrop(a))
	return cmd
}

// letterFlags choose dead letters.
type letterFlags struct {
	reason, since, until string
	all                  bool
}

func (f *letterFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.reason, "reason", "", "only those with this `text` in their reason")
	cmd.Flags().StringVar(&f.since, "since", "", "only those that were rejected since this `time`: 2h, 3d, 2026-11-01")
	cmd.Flags().StringVar(&f.until, "until", "", "only those that were rejected before this `time`")
}

// chosen returns the dead letters that are meant. must is set if some choice is needed.
func (f *letterFlags) chosen(a *app, args []string, must bool) (l operate.Letters, err error) {
	if l.IDs, err = parseIDs(args); err != nil {
		return l, err
	}
	if l.Since, l.Until, err = a.parseRange(f.since, f.until); err != nil {
		return l, err
	}
	l.Reason = f.reason
	some := len(args) > 0 || f.reason != "" || f.since != "" || f.until != ""
	switch {
	case must && !some && !f.all:
		return l, usagef("name the dead letters: their ids, --reason, --since, --until, or --all")
	case some && f.all:
		return l, usagef("--all cannot be used with ids, --reason, --since or --until")
	}
	return l, nil
}

func newLettersList(a *app) *cobra.Command {
	var f letterFlags
	var reasons bool
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List dead letters, the oldest first",
		Args:  takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			chosen, err := f.chosen(a, nil, false)
			if err != nil {
				return err
			}
			if reasons && (f.reason != "" || f.since != "" || f.until != "") {
				return usagef("--reasons counts all dead letters: it cannot be used with --reason, --since or --until")
			}
			if limit < 1 {
				return usagef("--limit must be at least 1; got %d", limit)
			}
			return a.withTable(cmd.Context(), func(t *operate.Table) error {
				if reasons {
					all, err := t.Reasons(cmd.Context())
					if err != nil {
						return err
					}
					return a.printReasons(all)
				}
				return a.printLetters(t.Letters(cmd.Context(), chosen), limit)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&reasons, "reasons", false, "count all dead letters by reason instead")
	cmd.Flags().IntVar(&limit, "limit", 100, "list at most this `number`")
	a.addFormat(cmd.Flags())
	return cmd
}

func (a *app) printReasons(all []operate.Reason) error {
	switch a.flags.format {
	case formatJSON:
		if all == nil {
			all = []operate.Reason{}
		}
		return a.json(all)
	case formatJSONL:
		return printLines(a.out, all)
	case formatCSV:
		w := csv.NewWriter(a.out)
		_ = w.Write([]string{"dead_letters", "reason"})
		for _, r := range all {
			_ = w.Write([]string{fmt.Sprint(r.Letters), escape.Line(r.Reason)})
		}
		w.Flush()
		return w.Error()
	}
	if len(all) == 0 {
		a.say("no dead letters\n")
		return nil
	}
	t := a.newTable(a.out, "DEAD LETTERS")
	t.add("REASON", true)
	var lines [][]cell
	for _, r := range all {
		lines = append(lines, []cell{{text: fmt.Sprint(r.Letters)}, {text: r.Reason}})
	}
	return t.print(lines...)
}

// shownLetter is a dead letter in JSON.
type shownLetter struct {
	EventID    string          `json:"event_id"`
	RecordedAt time.Time       `json:"recorded_at"`
	Reason     string          `json:"reason"`
	Record     json.RawMessage `json:"record"`
	Present    json.RawMessage `json:"present,omitempty"` // the row with the same id
}

// shown returns a letter for JSON. A record that is no JSON is shown as text.
func shown(l *operate.Letter) shownLetter {
	record := json.RawMessage(l.Record)
	if !json.Valid(record) {
		record, _ = json.Marshal(l.Record)
	}
	return shownLetter{EventID: l.ID.String(), RecordedAt: l.RecordedAt, Reason: l.Reason, Record: record}
}

// printLetters prints up to limit dead letters, and says if there are more.
func (a *app) printLetters(letters iter.Seq2[operate.Letter, error], limit int) error {
	var lines [][]cell
	all := []shownLetter{}
	more := false
	for l, err := range letters {
		if err != nil {
			return err
		}
		if more = len(all) == limit; more {
			break
		}
		all = append(all, shown(&l))
		r, _ := l.Row() // what can be read of it
		lines = append(lines, []cell{{text: l.ID.String()}, {text: a.shown(l.RecordedAt)}, {text: firstText(r.Text[row.ActorName], r.Text[row.ActorID])},
			{text: firstText(r.Text[row.Remarks], r.Text[row.ActionType])}, {text: l.Reason}})
	}
	defer func() {
		if more {
			a.note("there are more than %d; --limit shows more of them, --reasons counts all\n", limit)
		}
	}()
	switch a.flags.format {
	case formatJSON:
		return a.json(all)
	case formatJSONL:
		return printLines(a.out, all)
	case formatCSV:
		w := csv.NewWriter(a.out)
		_ = w.Write([]string{"event_id", "recorded_at", "reason", "record"})
		for _, l := range all {
			_ = w.Write([]string{l.EventID, l.RecordedAt.Format(time.RFC3339Nano), escape.Line(l.Reason), string(l.Record)})
		}
		w.Flush()
		return w.Error()
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(a.out, "no dead letters")
		return err
	}
	t := a.newTable(a.out)
	for _, title := range []string{"ID", "REJECTED", "WHO", "WHAT", "REASON"} {
		t.add(title, title == "ID")
	}
	return t.print(lines...)
}

// firstText returns the first text that is not empty, shortened for a table.
func firstText(texts ...string) string {
	for _, text := range texts {
		if runes := []rune(text); len(runes) > 60 {
			return string(runes[:59]) + "…"
		} else if text != "" {
			return text
		}
	}
	return "-"
}

func newLettersShow(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a dead letter, and the row that has its id",
		Args:  takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseIDs(args)
			if err != nil {
				return err
			}
			return a.withTable(cmd.Context(), func(t *operate.Table) error {
				for l, err := range t.Letters(cmd.Context(), operate.Letters{IDs: ids}) {
					if err != nil {
						return err
					}
					s := shown(&l)
					present, err := t.Present(cmd.Context(), l.ID)
					if err != nil {
						return err
					}
					s.Present = json.RawMessage(present)
					return a.printLetter(s)
				}
				return withCode(exitNotFound, fmt.Errorf("there is no dead letter with the id %s", ids[0]))
			})
		},
	}
	a.addFormat(cmd.Flags())
	return cmd
}

func (a *app) printLetter(l shownLetter) error {
	if a.flags.format != formatTable {
		if err := a.onlyFormats(formatTable, formatJSON, formatJSONL); err != nil {
			return err
		}
		return a.json(l)
	}
	a.say("id        %s\nrejected  %s\nreason    %s\n\nrecord:\n", l.EventID, a.shown(l.RecordedAt), escape.Line(l.Reason))
	if err := a.printJSON(l.Record); err != nil || len(l.Present) == 0 {
		return err
	}
	a.say("%s\n", "\nthe row of activity_log with this id:")
	return a.printJSON(l.Present)
}
