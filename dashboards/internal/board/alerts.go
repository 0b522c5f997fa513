package board

import (
	"encoding/json"
	"fmt"

	"github.com/otelactivity/activitylog/dashboards/internal/dialect"
)

// alert is a rule: it fires when the value of the query is above the limit.
type alert struct {
	uid, title string
	summary    string
	todo       string
	sql        string // of the database, or
	expr       string // of Prometheus
	seconds    int    // how far the query looks back
	limit      float64
	pending    string
	severity   string
}

var alerts = []alert{{
	uid: "failed-login-burst", title: "Failed-login burst", severity: "warning", seconds: 300, limit: 50, pending: "0s",
	summary: "More than fifty failed logins, or logins of which nobody knows whether they worked, in five minutes. Somebody may be trying passwords.",
	todo:    "The dashboard about security says from where, for whom, and whether it worked.",
	sql: `
SELECT coalesce(sum({{weight}}), 0) AS failed_logins
FROM {{table}}
WHERE action_type IN ('Login Failed', 'Login Attempt') AND {{within "action_time"}}`,
}, {
	uid: "dead-letters", title: "Dead letters", severity: "warning", seconds: 900, limit: 0, pending: "0s",
	summary: "The database refused activities in the last quarter of an hour.",
	todo:    "They are in activity_log_dead_letter, with the reason. Fix the cause, then re-insert them with the statements of docs/operate/dead-letters.md.",
	sql: `
SELECT count(*) AS dead_letters
FROM {{table "_dead_letter"}}
WHERE {{within "recorded_at"}}`,
}, {
	uid: "lag", title: "Rows come late", severity: "warning", seconds: 3600, limit: 300, pending: "5m",
	summary: "An activity of the last hour became a row more than five minutes after it was done.",
	todo:    "See the collector's queue. A service whose clock is wrong looks like this, too.",
	sql: `
SELECT coalesce(max({{seconds "recorded_at" "action_time"}}), 0) AS seconds
FROM {{table}}
WHERE {{within "action_time"}}`,
}, {
	uid: "collector-down", title: "The collector is down", severity: "critical", seconds: 600, limit: 0, pending: "2m",
	summary: "Prometheus has not reached the collector for two minutes.",
	todo:    "Start it. What it had acknowledged is in its queue on disk, and becomes rows.",
	expr:    `up{job="activitylog"} == bool 0`,
}, {
	uid: "rows-wait", title: "Activities wait, and none is written", severity: "critical", seconds: 600, limit: 0, pending: "5m",
	summary: "The queue is not empty, and no transaction was committed for five minutes. The database is unreachable, or rejects every row.",
	todo:    "Look for \"activitylog\" in the collector's log. Nothing is lost while the disk of the queue has room.",
	expr: `sum by (instance) (otelcol_exporter_activitylog_queue_requests)
  unless on (instance) sum by (instance) (rate(otelcol_exporter_activitylog_write_duration_count[5m])) > 0`,
}, {
	uid: "collector-dead-letters", title: "Dead letters (collector)", severity: "warning", seconds: 1800, limit: 0, pending: "0s",
	summary: "A collector reports rows that the database refused.",
	todo:    "As for the alert about dead letters. This one comes even if nobody can read the database.",
	// Not increase(), which ignores the first value of a counter.
	expr: `sum by (instance, reason) (otelcol_exporter_activitylog_rows_dead_lettered)
  - (sum by (instance, reason) (otelcol_exporter_activitylog_rows_dead_lettered offset 15m)
    or 0 * sum by (instance, reason) (otelcol_exporter_activitylog_rows_dead_lettered))`,
}}

// The file format of Grafana's alerting provisioning.
type (
	alertFile struct {
		APIVersion int          `yaml:"apiVersion"`
		Groups     []alertGroup `yaml:"groups"`
	}
	alertGroup struct {
		OrgID    int         `yaml:"orgId"`
		Name     string      `yaml:"name"`
		Folder   string      `yaml:"folder"`
		Interval string      `yaml:"interval"`
		Rules    []alertRule `yaml:"rules"`
	}
	alertRule struct {
		UID          string            `yaml:"uid"`
		Title        string            `yaml:"title"`
		Condition    string            `yaml:"condition"`
		Data         []alertQuery      `yaml:"data"`
		NoDataState  string            `yaml:"noDataState"`
		ExecErrState string            `yaml:"execErrState"`
		For          string            `yaml:"for"`
		Annotations  map[string]string `yaml:"annotations"`
		Labels       map[string]string `yaml:"labels"`
		IsPaused     bool              `yaml:"isPaused"`
	}
	alertQuery struct {
		RefID             string         `yaml:"refId"`
		RelativeTimeRange alertRange     `yaml:"relativeTimeRange"`
		DatasourceUID     string         `yaml:"datasourceUid"`
		Model             map[string]any `yaml:"model"`
	}
	alertRange struct {
		From int `yaml:"from"`
		To   int `yaml:"to"`
	}
)

// alerting returns the file of alerts for a database and its Prometheus.
func alerting(d *dialect.Dialect) (alertFile, error) {
	group := alertGroup{OrgID: 1, Name: "activitylog", Folder: "Activity log", Interval: "1m"}
	for _, a := range alerts {
		uid, plugin := "activitylog-prometheus", "prometheus"
		model := map[string]any{"expr": a.expr, "instant": true, "refId": "A"}
		if a.sql != "" {
			uid, plugin = "activitylog-"+d.Name, d.Plugin
			text, err := json.Marshal(d.Query(d.SQL(a.sql, Table), uid, false))
			if err == nil {
				err = json.Unmarshal(text, &model)
			}
			if err != nil {
				return alertFile{}, fmt.Errorf("make alert %s: %w", a.uid, err)
			}
			delete(model, "expr")
			delete(model, "instant")
		}
		model["datasource"] = map[string]string{"type": plugin, "uid": uid}
		group.Rules = append(group.Rules, alertRule{
			UID: UID(d.Name, a.uid), Title: a.title, Condition: "B", NoDataState: "OK", ExecErrState: "Error", For: a.pending,
			Annotations: map[string]string{"summary": a.summary, "runbook": a.todo}, Labels: map[string]string{"severity": a.severity},
			Data: []alertQuery{
				{RefID: "A", RelativeTimeRange: alertRange{From: a.seconds}, DatasourceUID: uid, Model: model},
				{RefID: "B", RelativeTimeRange: alertRange{From: a.seconds}, DatasourceUID: "__expr__", Model: above(a.limit)},
			},
		})
	}
	return alertFile{APIVersion: 1, Groups: []alertGroup{group}}, nil
}

// above is the condition that the query A is greater than a limit.
func above(limit float64) map[string]any {
	return map[string]any{
		"refId": "B", "type": "threshold", "expression": "A", "datasource": map[string]string{"type": "__expr__", "uid": "__expr__"},
		"conditions": []map[string]any{{"evaluator": map[string]any{"type": "gt", "params": []float64{limit}}}},
	}
}
