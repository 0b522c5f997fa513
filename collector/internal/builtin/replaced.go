package builtin

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// Replaced returns a line for each list of rules that a later --config replaces. The
// Collector merges maps and replaces lists, so a file with one more rule takes all rules of
// the files before it away.
func Replaced(args []string) (lines []string) {
	first := map[string]string{} // where the rules of a processor are
	for _, location := range configs(args) {
		for _, processor := range withRules(location) {
			if before, ok := first[processor]; ok {
				lines = append(lines, fmt.Sprintf("processors::%s::rules of %s replaces that of %s; rules/NAME is added instead", processor, named(location), named(before)))
			}
			first[processor] = location
		}
	}
	return lines
}

// configs returns the values of all flags --config.
func configs(args []string) (locations []string) {
	for i, arg := range args {
		name, value, hasValue := strings.Cut(arg, "=")
		switch {
		case name != "--config" && name != "-config":
		case hasValue:
			locations = append(locations, value)
		case i+1 < len(args):
			locations = append(locations, args[i+1])
		}
	}
	return locations
}

// named returns what to call a location: configurations in the command line are long.
func named(location string) string {
	if strings.HasPrefix(location, "yaml:") {
		return "a configuration in the command line"
	}
	return location
}

// withRules returns the processors whose rules a location has. What cannot be read is for the
// Collector to report.
func withRules(location string) (processors []string) {
	text := []byte(strings.TrimPrefix(location, "yaml:"))
	if !strings.HasPrefix(location, "yaml:") {
		var err error
		if text, err = os.ReadFile(strings.TrimPrefix(location, "file:")); err != nil {
			return nil
		}
	}
	retrieved, err := confmap.NewRetrievedFromYAML(text)
	if err != nil {
		return nil
	}
	conf, err := retrieved.AsConf()
	if err != nil {
		return nil
	}
	all, _ := conf.Get("processors").(map[string]any)
	for name, values := range all {
		config, _ := values.(map[string]any)
		if kind, _, _ := strings.Cut(name, "/"); kind == "activity" && config["rules"] != nil {
			processors = append(processors, name)
		}
	}
	slices.Sort(processors)
	return processors
}
