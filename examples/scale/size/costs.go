package main

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed costs.tsv
var costsFile string

// costs is what one record costs, by the names of costs.tsv: bytes, or µs of a core.
type costs map[string]float64

// readCosts reads costs.tsv. The error has the line.
func readCosts() (costs, error) {
	all := costs{}
	for i, line := range strings.Split(strings.TrimSpace(costsFile), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 4 {
			return nil, fmt.Errorf("costs.tsv, line %d: must have 4 fields with tabs between them; got %d", i+1, len(fields))
		}
		value, err := strconv.ParseFloat(fields[1], 64)
		if err != nil || value <= 0 {
			return nil, fmt.Errorf("costs.tsv, line %d: must have a number above 0; got %q", i+1, fields[1])
		}
		all[fields[0]] = value
	}
	return all, nil
}

// indexes is what the indexes of a row take, in bytes.
func (c costs) indexes() float64 {
	return c["key"] + c["action_time"] + c["actor"] + c["object"] + c["tenant"] + c["trace"]
}

// most is how many records a second the collector and PostgreSQL can take together on so many cores.
func (c costs) most(cores float64) float64 { return cores * 1e6 / (c["collector"] + c["postgres"]) }
