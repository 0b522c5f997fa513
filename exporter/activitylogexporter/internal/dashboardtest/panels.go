package dashboardtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Folder is the repository's folder dashboards, from here.
const Folder = "../../../../dashboards"

// Panel is a panel of a generated dashboard.
type Panel struct {
	Dashboard string `json:"-"` // the file's name: "overview"
	Days      int    `json:"-"` // how many the dashboard shows if nobody chooses
	Title     string
	Type      string
	Targets   []Target

	FieldConfig struct {
		Overrides []struct{ Matcher struct{ ID, Options string } }
	}
}

// Target is a query of a panel.
type Target struct {
	RawSQL       string `json:"rawSql" yaml:"rawSql"`
	RawQueryText string `json:"rawQueryText" yaml:"rawQueryText"`
	Expr         string // of Prometheus
	Format       any    // what the data source makes of the answer: "table", "time_series"
}

// SQL is the statement, with macros and variables.
func (p Panel) SQL() string { return p.Targets[0].SQL() }

// SQL is the statement, with macros and variables.
func (t Target) SQL() string { return t.RawSQL + t.RawQueryText }

// Rule is an alert rule.
type Rule struct {
	UID   string
	Title string
	Data  []struct {
		RelativeTimeRange struct{ From int } `yaml:"relativeTimeRange"`
		Model             struct {
			Target     `yaml:",inline"`
			Conditions []struct{ Evaluator struct{ Params []float64 } }
		}
	}
}

// Rules reads the alert rules for a database.
func Rules(name string) ([]Rule, error) {
	text, err := os.ReadFile(filepath.Join(Folder, "provisioning", name, "alerting", "activitylog.yaml"))
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	file := struct{ Groups []struct{ Rules []Rule } }{}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("read alerts of %s: %w", name, err)
	}
	return file.Groups[0].Rules, nil
}

// Name is the panel's name among all panels.
func (p Panel) Name() string { return p.Dashboard + ": " + p.Title }

// Panels reads all panels of a folder of dashboards.
func Panels(name string) (all []Panel, err error) {
	files, err := filepath.Glob(filepath.Join(Folder, name, "*.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("there is no dashboard in %s: %w", name, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read dashboard: %w", err)
		}
		board := struct {
			Panels []Panel
			Time   struct{ From string }
		}{}
		if err := json.Unmarshal(text, &board); err != nil {
			return nil, fmt.Errorf("read dashboard %s: %w", file, err)
		}
		days := map[string]int{"now-6h": 1, "now-24h": 1, "now-30d": 30, "now-90d": 90}[board.Time.From]
		for _, p := range board.Panels {
			p.Days = days
			p.Dashboard = strings.TrimSuffix(filepath.Base(file), ".json")
			all = append(all, p)
		}
	}
	return all, nil
}
