package dashboardtest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dashboardtest"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// TestAlerts asks what the alert rules about the database ask, before and after
// there is something to fire at.
func TestAlerts(t *testing.T) {
	for name, start := range dashboardtest.Databases {
		t.Run(name, func(t *testing.T) {
			rules, err := dashboardtest.Rules(name)
			if err != nil {
				t.Fatal(err)
			}
			database := start(t)
			alone := attempts(49)
			alone[0].Text[row.Data] = `{"count":1000}` // a service's own, which says nothing of attempts
			alone[0].Text[row.Source] = "declared"
			database.Write(t, append(alone, folded(1)...))
			for rule, value := range firing(t, rules, name, database) {
				t.Errorf("%s fires at %v", rule, value)
			}
			deadLetter(t, database.DB, name)
			late := attempts(1)
			late[0].ID = activity.NewIDAt(time.Now().Add(-20 * time.Minute))
			late[0].Text[row.ActionType] = "Read"
			database.Write(t, append(folded(41), late...))
			fired := firing(t, rules, name, database)
			if fired["Failed-login burst"] != 91 || fired["Dead letters"] != 2 || fired["Rows come late"] < 1199 || len(fired) != 3 {
				t.Errorf("fired: %v", fired)
			}
		})
	}
}

// firing are the rules whose value is above their limit.
func firing(t *testing.T, rules []dashboardtest.Rule, name string, database dashboardtest.Database) map[string]float64 {
	t.Helper()
	fired := map[string]float64{}
	for _, rule := range rules {
		query, condition := rule.Data[0], rule.Data[1]
		if query.Model.SQL() == "" {
			continue
		}
		if strings.Contains(query.Model.SQL(), "${") || strings.Contains(query.Model.SQL(), "interval") {
			t.Errorf("%s has variables, which the browser replaces, and no browser asks for alerts", rule.UID)
		}
		now := time.Now().Add(time.Second)
		v := dashboardtest.View{From: now.Add(-time.Duration(query.RelativeTimeRange.From) * time.Second), To: now}
		_, lines := ask(t, database.DB, name, v, query.Model.SQL())
		if len(lines) != 1 || len(lines[0]) != 1 {
			t.Fatalf("%s: %v, want one number", rule.UID, lines)
		}
		if value := number(t, lines[0][0]); value > condition.Model.Conditions[0].Evaluator.Params[0] {
			fired[rule.Title] = value
		}
	}
	return fired
}

// folded is the row of that many failed logins.
func folded(n int) []row.Row {
	rows := attempts(1)
	rows[0].Text[row.Source] = "derived"
	if n > 1 {
		rows[0].Text[row.Data] = fmt.Sprintf(`{"count":%d}`, n)
	}
	return rows
}

// attempts are failed logins of the last seconds.
func attempts(n int) []row.Row {
	rows := dashboardtest.Rows(n, 1, 10)
	for i := range rows {
		rows[i].ID = activity.NewIDAt(time.Now().Add(-10 * time.Second))
		rows[i].Text[row.ActionType] = "Login Failed"
	}
	return rows
}
