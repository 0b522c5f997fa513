package board

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"

	"github.com/otelactivity/activitylog/dashboards/internal/dialect"
)

// The dashboards of SQL data sources.
var definitions = []definition{overview, actor, object, security, trace}

// Files are all generated files, by their paths in the folder dashboards.
func Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, d := range dialect.All {
		for _, def := range definitions {
			made, err := def.build(d)
			if err != nil {
				return nil, err
			}
			if err := add(files, path.Join(d.Name, def.name+".json"), made); err != nil {
				return nil, err
			}
		}
		if err := provision(files, d); err != nil {
			return nil, err
		}
	}
	health, err := collector()
	if err != nil {
		return nil, err
	}
	return files, add(files, path.Join("prometheus", "collector.json"), health)
}

func add(files map[string][]byte, name string, content any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // people read the SQL in them
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(content); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	files[name] = text.Bytes()
	return nil
}
