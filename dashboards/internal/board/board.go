// Package board defines the dashboards, once for all databases, and makes
// Grafana's JSON of them.
package board

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/otelactivity/activitylog/dashboards/internal/dialect"
)

// definition is a dashboard in no dialect.
type definition struct {
	name  string // of its file and the end of its uid
	title string
	about string
	from  string // where its time range begins
	asks  []ask  // variables that the reader fills in
	rows  []row
}

// ask is a variable that is text.
type ask struct{ name, label, about string }

// row is panels side by side.
type row struct {
	height uint32
	panels []panel
}

// SQL makes the dashboard of a definition for a database.
func (def definition) build(d *dialect.Dialect) (dashboard.Dashboard, error) {
	b := dashboard.NewDashboardBuilder("Activity log: "+def.title).
		Uid(UID(d.Name, def.name)).Description(def.about+" ("+d.Title+")").
		Tags([]string{"activitylog", "activitylog-" + d.Name}).
		Time(def.from, "now").Timezone("browser").Editable().Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Link(siblings(d.Name)).
		WithVariable(dataSource("datasource", "Data source", "The database with the activities.", d.Plugin)).
		WithVariable(constant("table", Table, "The table of the activities; the names of its views begin with it.")).
		WithVariable(constant("jaeger", "http://localhost:16686", "Where people's browsers find Jaeger.")).
		WithVariable(dataSource("tempo", "Tempo", "The data source that links from rows to traces open.", "tempo").
			Hide(dashboard.VariableHideHideVariable))
	for _, a := range def.asks {
		b.WithVariable(dashboard.NewTextBoxVariableBuilder(a.name).Label(a.label).Description(a.about).
			DefaultValue(textOf("")).Current(option("")))
	}
	place := placing{}
	for _, r := range def.rows {
		for _, p := range r.panels {
			position := place.next(uint32(24/len(r.panels)), r.height)
			b.WithPanel(p.build(d, position, place.id))
		}
	}
	made, err := b.Build()
	if err != nil {
		return made, fmt.Errorf("make dashboard %s for %s: %w", def.name, d.Name, err)
	}
	return made, nil
}

// placing lays panels out from left to right and from top to bottom.
type placing struct{ x, y, height, id uint32 }

func (p *placing) next(width, height uint32) dashboard.GridPos {
	if p.x+width > 24 {
		p.x, p.y = 0, p.y+p.height
	}
	position := dashboard.GridPos{X: p.x, Y: p.y, W: width, H: height}
	p.x, p.height = p.x+width, height
	p.id++
	return position
}

func siblings(database string) *dashboard.DashboardLinkBuilder {
	return dashboard.NewDashboardLinkBuilder("Activity log").Type(dashboard.DashboardLinkTypeDashboards).
		Tags([]string{"activitylog-" + database}).AsDropdown(true).KeepTime(true)
}

func dataSource(name, label, about, plugin string) *dashboard.DatasourceVariableBuilder {
	return dashboard.NewDatasourceVariableBuilder(name).Label(label).Description(about).Type(plugin)
}

// constant is a variable that is set once, in the dashboard's settings or its file.
func constant(name, value, about string) *dashboard.ConstantVariableBuilder {
	return dashboard.NewConstantVariableBuilder(name).Description(about).Value(textOf(value))
}

func textOf(text string) dashboard.StringOrMap { return dashboard.StringOrMap{String: &text} }

func option(text string) dashboard.VariableOption {
	value := dashboard.StringOrArrayOfString{String: &text}
	return dashboard.VariableOption{Text: value, Value: value}
}
