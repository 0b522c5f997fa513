package cli

import (
	"cmp"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader"
)

// rowColumn is a column of the table of rows that people read.
type rowColumn struct {
	title string
	cell  func(*app, *reader.Row) cell
}

// summary are the columns that say who did what to which object.
var summary = []rowColumn{
	{"TIME", func(a *app, r *reader.Row) cell { return cell{a.shown(r.ActionTime), faint} }},
	{"ACTOR", func(_ *app, r *reader.Row) cell { return cell{actorOf(r), plain} }},
	{"ACTION", func(_ *app, r *reader.Row) cell { return cell{actionOf(r), actionStyle(r)} }},
	{"OBJECT", func(_ *app, r *reader.Row) cell { return cell{objectOf(r), plain} }},
	{"REMARKS", func(_ *app, r *reader.Row) cell { return cell{r.Remarks, plain} }},
}

// rowColumns returns the columns for names of the table's columns, or the summary.
func rowColumns(names []string, ids bool) (columns []rowColumn) {
	if ids {
		columns = append(columns, named("event_id"))
	}
	if len(names) == 0 {
		return append(columns, summary...)
	}
	for _, name := range names {
		columns = append(columns, named(name))
	}
	return columns
}

// named returns a column of the table under its own name.
func named(name string) rowColumn {
	text := field.Of(name)
	return rowColumn{name, func(a *app, r *reader.Row) cell {
		switch name {
		case "action_time":
			return cell{a.shown(r.ActionTime), faint}
		case "recorded_at":
			return cell{a.shown(r.RecordedAt), faint}
		case "action_type", "status":
			return cell{text(r), actionStyle(r)}
		}
		return cell{text(r), plain}
	}}
}

// actorOf names who acted, and who used the account.
func actorOf(r *reader.Row) string {
	name := cmp.Or(r.ActorName, r.ActorID)
	if r.ImpersonatorID != "" {
		return strings.TrimSpace(r.ImpersonatorID + " as " + name)
	}
	return name
}

// actionOf says what was done, and whether it failed.
func actionOf(r *reader.Row) string {
	action := string(r.ActionType)
	if r.Status == activity.StatusFailed && !strings.HasSuffix(action, "Failed") {
		return action + " Failed"
	}
	return action
}

func actionStyle(r *reader.Row) ansi.Style {
	if r.Status == activity.StatusFailed {
		return red
	}
	return plain
}

// objectOf names what was acted on.
func objectOf(r *reader.Row) string {
	return strings.TrimSpace(r.ObjectType + " " + cmp.Or(r.ObjectID, r.ObjectName))
}
