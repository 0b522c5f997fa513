package activityprocessor

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
)

// TestEachPartOfThePolicyMatters takes one part of one rule away at a time, a
// pattern, a condition, a field, a key: at least one request must then have another
// rule or another result. So each condition has a request that nearly matches, and
// nothing in the file says nothing.
func TestEachPartOfThePolicyMatters(t *testing.T) {
	_, requests := policyRequests(t)
	cfg := policy50(t)
	p := newProcessor(t, cfg)
	all, err := rule.Compile(cfg.Rules, componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	alone := make([]*rule.Set, len(cfg.Rules))
	for i := range cfg.Rules {
		alone[i] = compileAlone(t, cfg.Rules[i])
		require.NotNil(t, alone[i])
	}
	require.Equal(t, -1, firstChange(t, with(p, all.Replace(alone)), requests, ""))
	for i, own := range cfg.Rules {
		for part, less := range without(&own) {
			changed := slices.Clone(alone)
			if changed[i] = compileAlone(t, less); changed[i] == nil {
				continue // it is needed already for the start
			}
			if firstChange(t, with(p, all.Replace(changed)), requests, own.Name) < 0 {
				assert.Failf(t, "a part of a rule has no effect", "%s of the rule %q", part, own.Name)
			}
		}
	}
}

// compileAlone compiles one rule, nil if it is wrong. All of them in one go, for each
// part that is taken away, would take a minute with the race detector.
func compileAlone(t *testing.T, one rule.Config) *rule.Set {
	t.Helper()
	if confmap.Validate(&one) != nil {
		return nil
	}
	set, err := rule.Compile([]rule.Config{one}, componenttest.NewNopTelemetrySettings())
	if err != nil {
		return nil
	}
	return set
}

// with returns p with other rules.
func with(p *activityProcessor, set *rule.Set) *activityProcessor {
	other := *p
	other.spans, other.logs = rule.NewSpanEngine(set, p.spans.Options), rule.NewLogEngine(set, p.logs.Options)
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
func without(full *rule.Config) map[string]rule.Config {
	all := map[string]rule.Config{}
	less := func(part string, change func(*rule.Config)) {
		r := *full
		change(&r)
		all[part] = r
	}
	withoutEntry(less, full, "kinds", func(r *rule.Config) *rule.Kinds { return &r.Kinds })
	withoutEntry(less, full, "services", func(r *rule.Config) *confcheck.Texts { return &r.Services })
	withoutEntry(less, full, "routes", func(r *rule.Config) *confcheck.Texts { return &r.Routes })
	withoutEntry(less, full, "users", func(r *rule.Config) *confcheck.Texts { return &r.Users })
	withoutEntry(less, full, "objects", func(r *rule.Config) *confcheck.Texts { return &r.Objects })
	withoutEntry(less, full, "actions", func(r *rule.Config) *confcheck.Texts { return &r.Actions })
	withoutEntry(less, full, "match", func(r *rule.Config) *rule.Conditions { return &r.Match })
	withoutEntry(less, full, "tables", func(r *rule.Config) *confcheck.Texts { return &r.Tables })
	for _, fields := range []struct {
		key string
		of  func(*rule.Config) *rule.Fields
	}{
		{"set", func(r *rule.Config) *rule.Fields { return &r.Set }},
		{"on_failed", func(r *rule.Config) *rule.Fields { return &r.OnFailed }},
	} {
		for name := range *fields.of(full) {
			less(fmt.Sprintf("%s: %s", fields.key, name), func(r *rule.Config) {
				*fields.of(r) = maps.Clone(*fields.of(r))
				delete(*fields.of(r), name)
			})
		}
	}
	if full.Preset != "" {
		less("preset", func(r *rule.Config) { r.Preset = "" })
	}
	if full.Anonymous != nil {
		less("anonymous", func(r *rule.Config) { r.Anonymous = nil })
	}
	if full.AnonymousFailures != nil {
		less("anonymous_failures", func(r *rule.Config) { r.AnonymousFailures = nil })
	}
	if full.SampleReads != nil {
		less("sample_reads", func(r *rule.Config) { r.SampleReads = nil })
	}
	if full.Level != "" {
		less("level", func(r *rule.Config) { r.Level = map[rule.Level]rule.Level{"full": "metadata"}[r.Level] })
	}
	return all
}

// withoutEntry takes each entry of a list away in turn, and the list as a whole.
func withoutEntry[L ~[]E, E ~string](less func(string, func(*rule.Config)), full *rule.Config, key string, of func(*rule.Config) *L) {
	for i, text := range *of(full) {
		less(fmt.Sprintf("%s[%d] %s", key, i, text), func(r *rule.Config) {
			*of(r) = slices.Delete(slices.Clone(*of(r)), i, i+1)
		})
	}
	if len(*of(full)) > 1 {
		less(key, func(r *rule.Config) { *of(r) = nil })
	}
}
