package board

import (
	"regexp"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"github.com/otelactivity/activitylog/dashboards/internal/dialect"
)

type kind int

const (
	rows   kind = iota // a table
	bars               // a graph, a series for each value of the column "series"
	lines              // a graph, a series for each column
	totals             // large numbers, one for each column
)

// panel is a panel in no dialect.
type panel struct {
	kind  kind
	title string
	about string
	unit  string // units.Short where it is empty
	sql   string // a template, see [dialect.Dialect.SQL]
}

func (p panel) build(d *dialect.Dialect, position dashboard.GridPos, id uint32) cog.Builder[dashboard.Panel] {
	if p.unit == "" {
		// Other units format texts that look like numbers: the id 12345 as "12.3 K".
		p.unit = map[kind]string{rows: units.String, totals: units.LocaleFormat}[p.kind]
	}
	if p.unit == "" {
		p.unit = units.Short
	}
	sql := d.SQL(p.sql, "${table}")
	query := d.Query(sql, "${datasource}", p.kind == bars || p.kind == lines)
	from := source(d.Plugin, "datasource")
	switch p.kind {
	case totals:
		return stat.NewPanelBuilder().Id(id).Title(p.title).Description(p.about).GridPos(position).
			Datasource(from).WithTarget(query).Unit(p.unit).NoValue("0").
			ColorMode(common.BigValueColorModeNone).GraphMode(common.BigValueGraphModeNone).
			Orientation(common.VizOrientationVertical). // side by side
			ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}).Fields("").Values(false))
	case rows:
		b := table.NewPanelBuilder().Id(id).Title(p.title).Description(p.about).GridPos(position).
			Datasource(from).WithTarget(query).Unit(p.unit).MinWidth(75)
		for _, c := range columnsOf(sql) {
			b.OverrideByName(c, properties(c, d))
		}
		return b
	}
	return graph(p, id, position, from, p.kind == bars, query).Interval("1m").MaxDataPoints(100) // of a day, a quarter of an hour
}

// graph is a graph of bars, piled up, or of lines.
func graph(p panel, id uint32, position dashboard.GridPos, from common.DataSourceRef, piled bool, queries ...cog.Builder[variants.Dataquery]) *timeseries.PanelBuilder {
	b := timeseries.NewPanelBuilder().Id(id).Title(p.title).Description(p.about).GridPos(position).
		Datasource(from).Targets(queries).Unit(p.unit).Min(0).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti))
	if piled {
		for _, c := range colors {
			b.OverrideByRegexp("/"+c.series+"$/", []dashboard.DynamicConfigValue{
				{Id: "color", Value: map[string]string{"mode": "fixed", "fixedColor": c.color}},
			})
		}
		return b.DisplayName("${__field.labels.series}").DrawStyle(common.GraphDrawStyleBars).FillOpacity(80).
			Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal))
	}
	return b.DrawStyle(common.GraphDrawStyleLine).FillOpacity(10)
}

// colors are the colors of series that mean the same in each graph. A later one overrides
// an earlier one. Only failures are red.
var colors = []struct{ series, color string }{
	{"Create", "green"}, {"Read", "blue"}, {"Update", "yellow"}, {"Delete", "orange"}, {"Login", "purple"}, {"Logout", "light-purple"},
	{"Success", "green"}, {"Failed", "red"},
}

// column is how a column of a table is shown.
type column struct {
	unit  string
	width int // in pixels; 0: automatic
	links []link
}

// link is a link of each cell in a column.
type link struct {
	title, url string
	elsewhere  bool // it leaves Grafana
}

// The columns of tables, by the names that queries give them.
func columns(database string) map[string]column {
	to := func(title, dashboard, vars string) link {
		return link{title: title, url: "/d/" + UID(database, dashboard) + "?" + vars + "&var-datasource=${datasource}&${__url_time_range}"}
	}
	actor := to("This actor", "actor", "var-actor=${__data.fields.actor_id:percentencode}")
	object := to("This object", "object",
		"var-object_type=${__data.fields.object_type:percentencode}&var-object_id=${__data.fields.object_id:percentencode}")
	at := column{unit: "dateTimeAsIso", width: 160}
	return map[string]column{
		"time": at, "first_time": at, "last_time": at,
		"action_type": {width: 105}, "status": {width: 75}, "error_type": {width: 85}, "object_type": {width: 95},
		"client_address": {width: 115}, "service_name": {width: 105},
		"actor_id": {links: []link{actor}}, "object_id": {links: []link{object}},
		"trace_id": {links: []link{
			{"Open in Jaeger", "${jaeger}/trace/${__value.raw:percentencode}", true},
			{"Open in Tempo", tempo, false},
			to("All of this trace", "trace", "var-trace_id=${__value.raw:percentencode}"),
		}},
	}
}

// tempo is Explore with a trace of the dashboard's Tempo.
const tempo = `/explore?schemaVersion=1&panes={"t":{"datasource":"${tempo}","queries":[{"refId":"A",` +
	`"datasource":{"type":"tempo","uid":"${tempo}"},"queryType":"traceql","query":"${__value.raw}"}],"range":{"from":"now-1h","to":"now"}}}`

var (
	alias     = regexp.MustCompile(`(?i)\bAS (\w+)|\b(\w+)(?:,|\n)`)
	arguments = regexp.MustCompile(`\([^()]*\)`)
)

// columnsOf are the known columns that a query's outermost SELECT has.
func columnsOf(sql string) (names []string) {
	list, _, _ := strings.Cut(sql, "\nFROM ")
	for arguments.MatchString(list) { // coalesce(client_address, '') has no such column
		list = arguments.ReplaceAllString(list, "")
	}
	for _, match := range alias.FindAllStringSubmatch(list+"\n", -1) {
		name := match[1] + match[2]
		if _, known := columns("")[name]; known && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func properties(name string, d *dialect.Dialect) (list []dashboard.DynamicConfigValue) {
	c := columns(d.Name)[name]
	if c.unit != "" {
		list = append(list, dashboard.DynamicConfigValue{Id: "unit", Value: c.unit})
	}
	if c.width > 0 {
		list = append(list, dashboard.DynamicConfigValue{Id: "custom.width", Value: c.width})
	}
	var links []map[string]any
	for _, l := range c.links {
		links = append(links, map[string]any{"title": l.title, "url": l.url, "targetBlank": l.elsewhere})
	}
	if links != nil {
		list = append(list, dashboard.DynamicConfigValue{Id: "links", Value: links})
	}
	return list
}

// latest is a table of activities, the last ones first.
func latest(title, about, where string, limit int) panel {
	return panel{title: title, about: about, sql: `
SELECT {{time "action_time"}} AS time, actor_id, actor_name, action_type, action_name, status, error_type, object_type, object_id,
    object_name, remarks, client_address, service_name, trace_id
FROM {{table}}
WHERE ` + where + `
ORDER BY action_time DESC, event_id DESC
LIMIT ` + number(limit)}
}
