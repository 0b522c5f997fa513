package rule

import (
	"reflect"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Hidden is a rule that never applies, because one before it matches everything that it
// matches.
type Hidden struct{ Rule, Before string }

// Unreachable returns the rules that never apply, as far as their lists and conditions show
// it.
func Unreachable(configs Configs) (hidden []Hidden) {
	for i := range configs {
		for j := range i {
			if configs[j].covers(&configs[i]) {
				hidden = append(hidden, Hidden{configs[i].name(i), configs[j].name(j)})
				break
			}
		}
	}
	return hidden
}

// covers reports whether the rule matches every record that other matches.
func (cfg *Config) covers(other *Config) bool {
	return cfg.coversKinds(other) && cfg.selection().covers(other.selection()) &&
		(cfg.Route == "" || cfg.Route == other.Route) && coversTexts(cfg.Tables, other.Tables) &&
		(reflect.DeepEqual(cfg.Not, Selection{}) || reflect.DeepEqual(cfg.Not, other.Not)) &&
		!slices.ContainsFunc(cfg.Match, func(c Condition) bool { return !slices.Contains(other.Match, c) })
}

// coversKinds reports whether the rule is for every kind of record that other is for. One
// without a preset is for the spans of all presets, and for activities that are declared.
func (cfg *Config) coversKinds(other *Config) bool {
	switch {
	case cfg.Context != "" && cfg.Context != other.Context:
		return false
	case cfg.Preset != "":
		return cfg.Preset == other.Preset
	case other.Preset != "":
		return len(cfg.Kinds) == 0
	}
	return reflect.DeepEqual(cfg.Kinds, other.Kinds)
}

func (s *Selection) covers(other *Selection) bool {
	for _, lists := range [...][2]confcheck.Texts{
		{s.Services, other.Services}, {s.Routes, other.Routes}, {s.Users, other.Users}, {s.Objects, other.Objects},
		{s.Actions, other.Actions}, {s.Methods, other.Methods},
	} {
		if !coversTexts(lists[0], lists[1]) {
			return false
		}
	}
	return (len(s.Codes) == 0 || reflect.DeepEqual(s.Codes, other.Codes)) &&
		(len(s.Addresses) == 0 || reflect.DeepEqual(s.Addresses, other.Addresses))
}

// coversTexts reports whether every text that others match is matched by the list.
func coversTexts(list, others confcheck.Texts) bool {
	if len(list) == 0 {
		return true
	}
	if len(others) == 0 {
		return false
	}
	mine := newPatterns(list)
	for _, other := range others {
		if !slices.Contains(list, other) && (strings.Contains(other, "*") || !mine.match(other)) {
			return false
		}
	}
	return true
}
