package activityprocessor

import (
	"context"
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
	want, err := outcomes(t, cfg, requests)
	require.NoError(t, err)
	for i := range cfg.Rules {
		for part, less := range without(&cfg.Rules[i]) {
			changed := *cfg
			changed.Rules = slices.Clone(cfg.Rules)
			changed.Rules[i] = less
			got, err := outcomes(t, &changed, requests)
			if err != nil {
				continue // it is needed already for the start
			}
			if slices.Equal(want, got) {
				t.Errorf("without %s of the rule %q all is the same", part, cfg.Rules[i].Name)
			}
		}
	}
}

// outcomes returns rule and result of each request.
func outcomes(t *testing.T, cfg *Config, requests []policyRequest) ([]string, error) {
	t.Helper()
	p, err := newActivityProcessor(cfg, componenttest.NewNopTelemetrySettings())
	if err != nil {
		return nil, err
	}
	defer func() { require.NoError(t, p.shutdown(context.Background())) }()
	list := make([]string, len(requests))
	var all policyBatch
	all.init()
	for i, r := range requests {
		var one policyBatch
		one.init()
		one.add(t, i, r.text)
		list[i] = one.rule(t, p)
		all.add(t, i, r.text)
	}
	all.process(t, p)
	for i := range requests {
		list[i] += " | " + all.result(i)
	}
	return list, nil
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
