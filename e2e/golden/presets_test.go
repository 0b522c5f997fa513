package golden_test

import (
	"strings"
	"testing"
)

// presetRules switch on what testdata/preset-*.json is about, and keep what is
// on by default.
const presetRules = "--config=yaml:processors::activity::rules: " +
	"[{preset: http_server}, {preset: rpc_server}, {preset: graphql}, {preset: db_client}]"

// presetFiles are the requests of each preset. Their rows name only the
// columns that must be so; the others are the preset's own choice.
var presetFiles = map[string][]string{
	"rpc_server": {"preset-go-otelgrpc-0.49", "preset-go-otelgrpc-0.72", "preset-node-grpc-0.51",
		"preset-node-grpc-0.223", "preset-python-grpc"},
	"graphql":   {"preset-node-graphql-0.41", "preset-node-graphql-0.71"},
	"db_client": {"preset-node-pg-0.42", "preset-node-pg-0.76"},
}

// TestPresets sends the requests of all presets to one collector that has them
// on.
func TestPresets(t *testing.T) {
	byName := map[string]file{}
	for _, f := range readFiles(t) {
		if strings.HasPrefix(f.name, presetPrefix) {
			byName[f.name] = f
		}
	}
	var files []file
	for preset, names := range presetFiles {
		for _, name := range names {
			f, ok := byName[name]
			if !ok {
				t.Fatalf("no testdata/%s.json for the preset %s", name, preset)
			}
			delete(byName, name)
			files = append(files, f)
		}
	}
	for name := range byName {
		t.Errorf("testdata/%s.json is of no preset in presetFiles", name)
	}
	c := start(t, presetRules)
	all := c.sendAll(t, files, 1)
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			got := f.own(all)
			for _, want := range f.rows {
				check(t, got[want["span_id"]], want)
				delete(got, want["span_id"])
			}
			for _, row := range got {
				t.Errorf("a row that should not be: %v", row)
			}
		})
	}
}
