package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
)

// Query is the query of a panel to an SQL data source. The SDK has no types for it.
// Each plugin reads fields of its own. Sources: the query models of Grafana's
// pkg/tsdb, of frser-sqlite-datasource and of grafana-clickhouse-datasource 4.
type Query struct {
	Datasource common.DataSourceRef `json:"datasource"`
	RefID      string               `json:"refId"`

	RawSQL string `json:"rawSql,omitempty"` // all except SQLite

	EditorMode string `json:"editorMode,omitempty"` // PostgreSQL, MySQL
	RawQuery   bool   `json:"rawQuery,omitempty"`
	Format     any    `json:"format,omitempty"` // ClickHouse as well, where it is a number

	QueryType string `json:"queryType,omitempty"` // SQLite, ClickHouse

	QueryText    string   `json:"queryText,omitempty"` // SQLite
	RawQueryText string   `json:"rawQueryText,omitempty"`
	TimeColumns  []string `json:"timeColumns,omitempty"`

	EditorType    string `json:"editorType,omitempty"` // ClickHouse
	PluginVersion string `json:"pluginVersion,omitempty"`
}

// Times are the names that columns with times have.
var Times = []string{"time", "first_time", "last_time"}

// Query returns the query of a panel. series means that it is for a graph, with the
// columns time, optionally a text for the name of the series, and numbers.
func (d *Dialect) Query(sql, source string, series bool) *Query {
	q := &Query{Datasource: common.DataSourceRef{Type: &d.Plugin, Uid: &source}, RefID: "A"}
	switch d {
	case sqlite:
		q.QueryText, q.RawQueryText, q.TimeColumns, q.QueryType = sql, sql, Times, "table"
		if series {
			q.QueryType = "time series"
		}
	case clickhouse:
		q.RawSQL, q.EditorType, q.PluginVersion, q.QueryType, q.Format = sql, "sql", "4.0.0", "table", 1
		if series {
			q.QueryType, q.Format = "timeseries", 0
		}
	default:
		q.RawSQL, q.EditorMode, q.RawQuery, q.Format = sql, "code", true, "table"
		if series {
			q.Format = "time_series"
		}
	}
	return q
}

// SQL is the query's statement, with macros and variables.
func (q Query) SQL() string {
	if q.RawQueryText != "" {
		return q.RawQueryText
	}
	return q.RawSQL
}

// Series reports whether the result is for a graph.
func (q Query) Series() bool {
	format, isNumber := q.Format.(float64)
	return q.Format == "time_series" || q.QueryType == "time series" || isNumber && format == 0
}

// ImplementsDataqueryVariant makes the query one for the SDK.
func (Query) ImplementsDataqueryVariant() {}

// DataqueryType is the plugin's name.
func (q Query) DataqueryType() string { return *q.Datasource.Type }

// Validate finds nothing wrong.
func (Query) Validate() error { return nil }

// Equals compares the queries' contents.
func (q Query) Equals(other variants.Dataquery) bool { return reflect.DeepEqual(any(q), any(other)) }

// Build makes the query a builder of itself.
func (q *Query) Build() (variants.Dataquery, error) { return *q, nil }

// Register tells the SDK about its own panels and queries and about ours, for
// reading dashboards strictly.
func Register() {
	plugins.RegisterDefaultPlugins()
	for _, d := range All {
		cog.NewRuntime().RegisterDataqueryVariant(variants.DataqueryConfig{
			Identifier: d.Plugin, DataqueryUnmarshaler: decode, StrictDataqueryUnmarshaler: decode,
		})
	}
}

func decode(raw []byte) (variants.Dataquery, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	q := Query{}
	if err := decoder.Decode(&q); err != nil {
		return nil, fmt.Errorf("read a panel's query: %w", err)
	}
	return q, nil
}
