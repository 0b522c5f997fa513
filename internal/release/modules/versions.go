package modules

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// Versions is versions.yaml, in the form of OpenTelemetry's multimod:
// https://github.com/open-telemetry/opentelemetry-go-build-tools/tree/main/multimod
type Versions struct {
	Sets     map[string]Set `yaml:"module-sets"`
	Excluded []string       `yaml:"excluded-modules"`
}

// A Set has one version for all its modules.
type Set struct {
	Version string   `yaml:"version"`
	Modules []string `yaml:"modules"`
}

// ReadVersions reads versions.yaml of the repository in a folder.
func ReadVersions(root string) (Versions, error) {
	var v Versions
	text, err := os.ReadFile(filepath.Join(root, VersionsFile))
	if err != nil {
		return v, fmt.Errorf("read the module sets: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&v); err != nil {
		return v, fmt.Errorf("read %s: %w", VersionsFile, err)
	}
	return v, nil
}

// places are the sets that each module is in; "" is the list of excluded modules.
func (v Versions) places() map[string][]string {
	places := map[string][]string{}
	for name, set := range v.Sets {
		for _, path := range set.Modules {
			places[path] = append(places[path], name)
		}
	}
	for _, path := range v.Excluded {
		places[path] = append(places[path], "")
	}
	return places
}
