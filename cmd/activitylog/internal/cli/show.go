package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader"
)

func newShow(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one activity with all its columns",
		Long: `Show one activity with all columns that have a value, what it changed, and its data. Its
id is that of activitylog list --ids. The exit code is 3 if there is no such activity.`,
		Example: `  activitylog show 01a19621-313b-774c-8c4a-b64eb7c6067e
  activitylog show 01a19621-313b-774c-8c4a-b64eb7c6067e -o json`,
		Args: takes("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			r, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer r.Close()
			row, err := r.Get(cmd.Context(), id)
			if errors.Is(err, reader.ErrNotFound) {
				return withCode(exitNotFound, err)
			}
			if err != nil {
				return err
			}
			return a.printRow(row)
		},
	}
	a.addFormat(cmd.Flags())
	return cmd
}

// parseID reads an id, which may be a UUID of any version: others may write rows, too.
func parseID(text string) (activity.ID, error) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return activity.ID{}, usagef("the id must be a UUID, such as 01a217c3-a8cc-7fb9-93c9-43d6845dfd68; got %.64q", text)
	}
	return activity.ID(id), nil
}

func (a *app) printRow(row reader.Row) error {
	switch a.flags.format {
	case formatJSON:
		field.Fit(&row)
		return a.printJSON(row)
	case formatTable:
		_, err := fmt.Fprint(a.out, a.details(&row))
		return err
	}
	p := a.rowPrinter(rowFlags{})
	if err := p.print([]reader.Row{row}); err != nil {
		return err
	}
	return p.flush()
}

// details returns a row for people: a line for each column, the changes, and the rest of
// the data.
func (a *app) details(row *reader.Row) string {
	var b strings.Builder
	for _, name := range field.Names() {
		text := escape.Line(field.Of(name)(row))
		switch name {
		case "data":
			continue
		case "action_time":
			text = a.shownExactly(row.ActionTime)
		case "recorded_at":
			text = a.shownExactly(row.RecordedAt)
		case "status":
			text = a.styled(actionStyle(row), text)
		}
		if text != "" {
			b.WriteString(a.styled(strong, fmt.Sprintf("%-16s", name)) + text + "\n")
		}
	}
	if changes := row.Changes(); len(changes) > 0 {
		b.WriteString(a.styled(strong, "changes") + "\n" + a.diff(changes))
	}
	if data := restOfData(row); data != "" {
		b.WriteString(a.styled(strong, "data") + "\n" + data)
	}
	return b.String()
}

// restOfData returns the data without its changes, for people.
func restOfData(row *reader.Row) string {
	members, ok := row.OtherData()
	if !ok {
		if len(row.Data) == 0 {
			return ""
		}
		return "  " + escape.Line(string(row.Data)) + "\n"
	}
	if len(members) == 0 {
		return ""
	}
	text, err := indented(members)
	if err != nil {
		return ""
	}
	var b bytes.Buffer
	_, _ = escape.JSON(&b).Write(text)
	return "  " + strings.ReplaceAll(strings.TrimSpace(b.String()), "\n", "\n  ") + "\n"
}
