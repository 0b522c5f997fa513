package activityprocessor

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
)

// TestEachPartOfThePolicyMatters takes one part of one rule away at a time, a
// pattern, a condition, a field, a key: at least one request must then have another
// rule or another result. So each condition has a request that nearly matches, and
// nothing in the file says nothing.
func TestEachPartOfThePolicyMatters(t *testing.T) {
	_, requests := policyRequests(t)
	cfg := policy50(t)
	p := newProcessor(t, cfg)
	alone := make([]*ruleset, len(cfg.Rules))
	for i := range cfg.Rules {
		alone[i] = compileAlone(t, cfg.Rules[i])
		require.NotNil(t, alone[i])
	}
	require.Equal(t, -1, firstChange(t, with(p, alone), requests, ""))
	for i, rule := range cfg.Rules {
		for part, less := range without(&rule) {
			changed := slices.Clone(alone)
			if changed[i] = compileAlone(t, less); changed[i] == nil {
				continue // it is needed already for the start
			}
			if firstChange(t, with(p, changed), requests, rule.Name) < 0 {
				t.Errorf("without %s of the rule %q all is the same", part, rule.Name)
			}
		}
	}
}

// compileAlone compiles one rule, nil if it is wrong. All of them in one go, for each
// part that is taken away, would take a minute with the race detector.
func compileAlone(t *testing.T, rule RuleConfig) *ruleset {
	t.Helper()
	one, err := compile([]RuleConfig{rule}, componenttest.NewNopTelemetrySettings())
	if err != nil {
		return nil
	}
	return one
}

// with returns p with other rules.
func with(p *activityProcessor, rules []*ruleset) *activityProcessor {
	other := *p
	other.spans.rules, other.logs.rules = nil, nil
	for _, one := range rules {
		other.spans.rules = append(other.spans.rules, one.spans...)
		other.logs.rules = append(other.logs.rules, one.logs...)
	}
	return &other
}

// firstChange returns a request that has another rule or result than in the table,
// -1 if there is none. Those of the rule of that name come first.
func firstChange(t *testing.T, p *activityProcessor, requests []policyRequest, name string) int {
	t.Helper()
	for _, own := range []bool{true, false} {
		for i, r := range requests {
			if (r.rule == name) != own {
				continue
			}
			var one policyBatch
			one.init()
			one.add(t, i, r.text)
			if one.rule(t, p) != r.rule {
				return i
			}
			if one.process(t, p); one.result(0) != r.want {
				return i
			}
		}
	}
	return -1
}

// without returns the rule without one of its parts, each in turn.
func without(rule *RuleConfig) map[string]RuleConfig {
	all := map[string]RuleConfig{}
	less := func(part string, change func(*RuleConfig)) {
		r := *rule
		change(&r)
		all[part] = r
	}
	for _, list := range []struct {
		key string
		of  func(*RuleConfig) *[]string
	}{
		{"kinds", func(r *RuleConfig) *[]string { return &r.Kinds }},
		{"services", func(r *RuleConfig) *[]string { return &r.Services }},
		{"routes", func(r *RuleConfig) *[]string { return &r.Routes }},
		{"users", func(r *RuleConfig) *[]string { return &r.Users }},
		{"objects", func(r *RuleConfig) *[]string { return &r.Objects }},
		{"actions", func(r *RuleConfig) *[]string { return &r.Actions }},
		{"match", func(r *RuleConfig) *[]string { return &r.Match }},
		{"tables", func(r *RuleConfig) *[]string { return &r.Tables }},
	} {
		for i, text := range *list.of(rule) {
			less(fmt.Sprintf("%s[%d] %s", list.key, i, text), func(r *RuleConfig) {
				*list.of(r) = slices.Delete(slices.Clone(*list.of(r)), i, i+1)
			})
		}
		if len(*list.of(rule)) > 1 {
			less(list.key, func(r *RuleConfig) { *list.of(r) = nil })
		}
	}
	for _, fields := range []struct {
		key string
		of  func(*RuleConfig) *map[string]any
	}{
		{"set", func(r *RuleConfig) *map[string]any { return &r.Set }},
		{"on_failed", func(r *RuleConfig) *map[string]any { return &r.OnFailed }},
	} {
		for name := range *fields.of(rule) {
			less(fields.key+": "+name, func(r *RuleConfig) {
				*fields.of(r) = maps.Clone(*fields.of(r))
				delete(*fields.of(r), name)
			})
		}
	}
	if rule.Preset != "" {
		less("preset", func(r *RuleConfig) { r.Preset = "" })
	}
	if rule.Anonymous != nil {
		less("anonymous", func(r *RuleConfig) { r.Anonymous = nil })
	}
	if rule.AnonymousFailures != nil {
		less("anonymous_failures", func(r *RuleConfig) { r.AnonymousFailures = nil })
	}
	if rule.SampleReads != nil {
		less("sample_reads", func(r *RuleConfig) { r.SampleReads = nil })
	}
	if rule.Level != "" {
		less("level", func(r *RuleConfig) { r.Level = map[string]string{"full": "metadata"}[r.Level] })
	}
	return all
}
