package board

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// measure is a panel about the collector's own metrics.
type measure struct {
	title, about, unit string
	queries            []promQL
}

type promQL struct{ expr, legend string }

var measures = [][]measure{{
	{"Rows written", "Rows a second that became new rows of the table; on ClickHouse, which does not report new rows, rows that it accepted.", units.RowsPerSecond, []promQL{
		{`sum by (instance) (rate(otelcol_exporter_activitylog_rows_written[$__rate_interval]))`, "{{instance}}"},
		{`sum by (instance) (rate(otelcol_exporter_activitylog_rows_accepted[$__rate_interval]))`, "{{instance}} accepted"},
	}},
	{"Duplicates", "Rows a second that were there already, from another signal or a retry. They are skipped, and no fault.", units.RowsPerSecond, []promQL{
		{`sum by (instance) (rate(otelcol_exporter_activitylog_rows_duplicate[$__rate_interval]))`, "{{instance}}"},
	}},
	{"Dead letters", "Rows that the database rejected since the collector started, by its reason.", units.Short, []promQL{
		{`sum by (instance, reason) (otelcol_exporter_activitylog_rows_dead_lettered)`, "{{reason}} {{instance}}"},
	}},
}, {
	{"Queue", "How much of the queue's space on disk is used. When it is full, senders have to wait.", units.PercentUnit, []promQL{
		{`otelcol_exporter_activitylog_queue_bytes / otelcol_exporter_activitylog_queue_capacity`, "{{exporter}} {{instance}}"},
	}},
	{"Lag", "How long the oldest request in the queue has been waiting for the database.", units.Seconds, []promQL{
		{`max by (exporter, instance) (otelcol_exporter_activitylog_queue_oldest_age)`, "{{exporter}} {{instance}}"},
	}},
	{"Time of a transaction", "How long the database takes to commit a batch: the median, and what one in twenty exceeds.", units.Seconds, []promQL{
		{`histogram_quantile(0.5, sum by (instance, le) (rate(otelcol_exporter_activitylog_write_duration_bucket[$__rate_interval])))`, "half {{instance}}"},
		{`histogram_quantile(0.95, sum by (instance, le) (rate(otelcol_exporter_activitylog_write_duration_bucket[$__rate_interval])))`, "95 % {{instance}}"},
	}},
}, {
	{"Activities by action", "What leaves the processor, activities a second.", units.EventsPerSecond, []promQL{
		{`sum by (action) (rate(otelcol_processor_activity_activities[$__rate_interval]))`, "{{action}}"},
	}},
	{"Declared and derived", "Activities that services reported themselves, and those made of plain spans.", units.EventsPerSecond, []promQL{
		{`sum by (source) (rate(otelcol_processor_activity_activities[$__rate_interval]))`, "{{source}}"},
	}},
	{"Dropped by rules", "Activities a second of which a rule keeps nothing, by rule: what the configuration says.", units.EventsPerSecond, []promQL{
		{`sum by (rule) (rate(otelcol_processor_activity_dropped[$__rate_interval]))`, "{{rule}}"},
	}},
}, {
	{"Rules that fail", "Expressions that could not be evaluated on a record, by rule. The collector's log names them.", units.EventsPerSecond, []promQL{
		{`sum by (rule) (rate(otelcol_processor_activity_rule_errors[$__rate_interval]))`, "{{rule}}"},
	}},
	{"Requests without an activity", "Requests that changed something, of services that declare activities for others: see docs/develop/coverage.md.", units.EventsPerSecond, []promQL{
		{`sum by (instance) (rate(otelcol_processor_activity_requests_uncovered[$__rate_interval]))`, "{{instance}}"},
	}},
	{"Received and turned away", "Log records and spans a second that services send, and those that the collector could not take.", units.EventsPerSecond, []promQL{
		{`sum by (instance) (rate(otelcol_receiver_accepted_log_records[$__rate_interval]))`, "log records {{instance}}"},
		{`sum by (instance) (rate(otelcol_receiver_accepted_spans[$__rate_interval]))`, "spans {{instance}}"},
		{`sum by (instance) (rate(otelcol_receiver_refused_log_records[$__rate_interval]))`, "refused log records {{instance}}"},
		{`sum by (instance) (rate(otelcol_receiver_refused_spans[$__rate_interval]))`, "refused spans {{instance}}"},
	}},
}}

// collector makes the dashboard about the collector, which is the same for all
// databases.
func collector() (dashboard.Dashboard, error) {
	b := dashboard.NewDashboardBuilder("Activity log: the collector").Uid(UID("prometheus", "collector")).
		Description("Whether activities become rows: the collector's own metrics, in Prometheus.").
		Tags([]string{"activitylog", "activitylog-prometheus"}).
		Time("now-6h", "now").Timezone("browser").Editable().Tooltip(dashboard.DashboardCursorSyncCrosshair).
		WithVariable(dataSource("datasource", "Data source", "The Prometheus that scrapes the collector.", "prometheus"))
	place := placing{}
	for _, row := range measures {
		for _, m := range row {
			position := place.next(uint32(24/len(row)), 8)
			p := panel{title: m.title, about: m.about, unit: m.unit}
			b.WithPanel(graph(p, place.id, position, source("prometheus", "datasource"), false, m.targets()...))
		}
	}
	made, err := b.Build()
	if err != nil {
		return made, fmt.Errorf("make dashboard of the collector: %w", err)
	}
	return made, nil
}

func (m measure) targets() (list []cog.Builder[variants.Dataquery]) {
	for i, q := range m.queries {
		list = append(list, prometheus.NewDataqueryBuilder().RefId(string(rune('A'+i))).
			Datasource(source("prometheus", "datasource")).Expr(q.expr).LegendFormat(q.legend).Range())
	}
	return list
}
