package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/rows"
)

// printRows prints the rows as a table.
func printRows(all []rows.Row) {
	fmt.Printf("\nThe table activity_log has %d rows (times are UTC):\n\n", len(all))
	table := &strings.Builder{}
	columns := tabwriter.NewWriter(table, 0, 0, 2, ' ', 0)
	printLine(columns, "TIME", "ACTION", "STATUS", "ACTOR", "OBJECT", "CLIENT", "REMARKS", "TRACE")
	for _, row := range all {
		_, clock, _ := strings.Cut(row["action_time"], " ")
		actor := cmp.Or(row["actor_name"], row["actor_type"])
		object := strings.TrimSpace(row["object_type"] + " " + row["object_id"])
		printLine(columns, clock, row["action_type"], row["status"], actor, object,
			row["client_address"], row["remarks"], row["trace_id"])
	}
	_ = columns.Flush() // a strings.Builder takes everything
	fmt.Println(table)
}

func printLine(columns *tabwriter.Writer, cells ...string) {
	_, _ = columns.Write([]byte(strings.Join(cells, "\t") + "\n"))
}

// check returns an error that names what is wrong with the rows: there must be
// as many as wanted, and each action type and each status has to occur.
func check(all []rows.Row, wanted int) error {
	seen := map[string]bool{}
	for _, row := range all {
		seen[row["action_type"]], seen[row["status"]] = true, true
	}
	var missing []error
	if len(all) != wanted {
		missing = append(missing, fmt.Errorf("there are %d rows, want %d", len(all), wanted))
	}
	for _, t := range played() {
		if !seen[string(t)] {
			missing = append(missing, fmt.Errorf("no row has the action type %q", t))
		}
	}
	for _, status := range []activity.Status{activity.StatusSuccess, activity.StatusFailed} {
		if !seen[string(status)] {
			missing = append(missing, fmt.Errorf("no row has the status %q", status))
		}
	}
	return errors.Join(missing...)
}

// played returns the action types that the story has: all known ones, except a login of
// which nobody knows whether it worked. The blog knows that of each.
func played() []activity.ActionType {
	return slices.DeleteFunc(activity.ActionTypes(), func(t activity.ActionType) bool { return t == activity.ActionLoginAttempt })
}

// printNext says where the rows are and what to ask them.
func printNext(database string, all []rows.Row) {
	fmt.Printf(`All %d action types and both statuses are there. The rows are in

  %s

Ask them more, for instance who failed at what, and what changed:

  sqlite3 -box '%[2]s' "SELECT action_time, actor_name, action_name, error_type FROM activity_log WHERE status = 'Failed'"
  sqlite3 -box '%[2]s' "SELECT actor_name, object_name, changes FROM activity_log_object_history WHERE changes IS NOT NULL"
  sqlite3 -box '%[2]s' "SELECT action_time, action_type, claimed, client_address FROM activity_log_logins"
  sqlite3 -box '%[2]s' "SELECT * FROM activity_log WHERE trace_id = '%[3]s'"

Or look at them in a browser:

  DEMO_SERVE=1 make demo

To open next:
  docs/audit/queries.md        twenty questions, with their SQL
  docs/develop/rules.md        rules, for services in any language
  docs/audit/grafana.md        dashboards, in nine steps
  docs/develop/feed.md         what customers see of their own rows
  docs/audit/jaeger.md         from a row to its trace, and back
  docs/audit/django-admin.md   the same rows in a Django admin
  docs/operate/prometheus.md   the collector's metrics, and alerts
  examples/blog/internal/web/server.go      where the blog is wrapped
  collector-config.yaml                     for another database
`, len(played()), database, all[len(all)-1]["trace_id"])
}
