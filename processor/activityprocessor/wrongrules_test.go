package activityprocessor

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"
)

// wrongRules are rules whose errors are in wrongRulesFile.
var wrongRules = []string{
	// expressions
	`[{match: ['attributes.http.route == "/a"']}]`,
	`[{name: a, match: ['resource.attributes.team == "x"']}]`,
	`[{name: a, match: ["attributes['x'] == 'y'"]}]`,
	`[{name: a, match: ['attributes["x"] = "y"']}]`,
	`[{name: a, match: ['attributes["x"] == "y" && true']}]`,
	`[{name: a, match: ['true', 'ismatch(attributes["x"], "y")']}]`,
	`[{name: a, match: ['Ismatch(attributes["x"], "y")']}]`,
	`[{name: a, match: ['Matches(attributes["x"], "y")']}]`,
	`[{name: a, match: ['IsMatch(attributes["x"], "(")']}]`,
	`[{name: a, match: ['http_route == "/a"']}]`,
	`[{name: a, match: ['']}]`,
	`[{name: a, context: log, match: ['span.name == "x"']}]`,
	`[{name: a, context: span, match: ['log.body == "x"']}]`,
	`[{name: a, match: ['span.name == "x" and log.body == "y"']}]`,

	// what is set
	`[{name: a, set: {actor_id: x}}]`,
	`[{name: a, set: {activity.objectid: x}}]`,
	`[{name: a, set: {colour: x}}]`,
	`[{name: a, set: {data.: x}}]`,
	`[{name: a, on_failed: {id: x}}]`,
	`[{name: a, set: {status: maybe}}]`,
	`[{name: a, set: {actor.id: attributes.user}}]`,
	`[{name: a, set: {actor.id: 'Concat([attributes["x"]])'}}]`,
	`[{name: a, set: {actor.id: ""}}]`,
	`[{name: a, set: {actor.id: [a]}}]`,
	`[{name: a, set: {actor.id: null}}]`,
	`[{name: a, set: {remarks: 'he said "x"'}}]`,

	// keys with a fixed set of values
	`[{name: a, context: trace}]`,
	`[{name: a, preset: http}]`,
	`[{name: a, level: all}]`,
	`[{name: a, kinds: [server, inner]}]`,
	`[{name: a, sample_reads: 0}]`,
	`[{name: a, sample_reads: 1.5}]`,
	`[{name: a, tables: [b]}]`,
	`[{name: a, preset: http_server, context: log}]`,
	`[{name: a, level: none, set: {actor.id: x}}]`,

	`[{name: a, level: none, on_failed: {actor.id: x}}]`,
	`[{preset: noise, level: full}]`,
	`[{preset: noise, set: {actor.id: x}, on_failed: {actor.id: x}}]`,
	`[{name: a, level: FULL}]`,
	`[{name: a, sample_reads: -1}]`,
	`[{name: a, sample_reads: .nan}]`,
	`[{name: a, preset: graphql, kinds: [server]}]`,
	`[{name: a, context: log, kinds: [server]}]`,
	`[{name: a, services: [""]}]`,
	`[{name: a, preset: db_client, tables: [b, ""], users: [""]}]`,

	// expressions that are nearly right
	`[{name: a, match: ['log.bodyy == "x"']}]`,
	`[{name: a, match: ['span.nam == "x"']}]`,
	`[{name: a, match: ['span.name == "x"'], set: {remarks: log.body}}]`,
	`[{name: a, match: ['attributes["a"] == "b']}]`,
	`[{name: a, match: ['attributes["a" == "b"']}]`,
	`[{name: a, match: ['attributes["a"] = = "b"']}]`,
	`[{name: a, match: ['set(attributes["a"], "b")']}]`,
	`[{name: a, match: ['IsMatch(attributes["a"])']}]`,
	`[{name: a, match: ['Substring(attributes["a"], "x", 1) == ""']}]`,
	`[{name: a, match: ['resource["a"] == "b"']}]`,
	`[{name: a, match: ['attributes["a"] || attributes["b"]']}]`,
	`[{name: a, set: {remarks: 'nobody came in (yet)'}}]`,
	`[{name: a, set: {remarks: "it's (c)"}}]`,
	`[{name: a, set: {remarks: 'Split(attributes["x"], "/")[first]'}}]`,
	`[{name: a, set: {data.x: {a: 1}}}]`,
	`[{name: a, set: {actor.id: nil}}]`,
	`[{name: a, set: {actor.id: x, activity.actor.id: y}}]`,
	`[{name: a, set: {data.n: 1, activity.data.n: 2}}]`,
	`[{name: a, set: {actor: {id: x}}}]`,

	// routes
	`[{preset: http_server, route: "/items/{collection"}]`,
	`[{preset: http_server, route: "/items/{collection}/{id}", set: {object.type: 'route["colection"]'}, on_failed: {data.x: 'route["x"]'}}]`,

	// names
	`[{name: a}, {name: a}]`,
	`[{preset: http_server}, {preset: http_server}]`,

	// unknown keys, and values of other kinds
	`[{name: a, macth: [true]}]`,
	`[{name: a, match: {a: b}}]`,
	`[{name: a, sample_reads: often}]`,

	// all of them at once
	`[{name: a, level: x, kinds: [y], match: ['attributes.z == "z"'], set: {colour: x}}]`,
	`[{name: a}, {name: a, match: ['a ='], level: no}]`,
	`[{name: a, level: x}, {name: b}, {name: c, set: {x: y, z: w}}]`,
}

// wrongRulesFile has their errors, word for word. -update writes it. Another version
// of OTTL may have other words.
const wrongRulesFile = "testdata/wrongrules.txt"

func TestWrongRules(t *testing.T) {
	var got strings.Builder
	for _, rules := range wrongRules {
		t.Run(rules, func(t *testing.T) {
			var raw map[string]any
			require.NoError(t, yaml.Unmarshal([]byte("rules: "+rules), &raw))
			cfg := defaults()
			require.NoError(t, confmap.NewFromStringMap(raw).Unmarshal(cfg))
			err := confmap.Validate(cfg)
			require.Error(t, err)
			lines := strings.ReplaceAll(sortedLines(err), "\n", "\n\t")
			fmt.Fprintf(&got, "%s\n\t%s\n", rules, lines)
		})
	}
	if *update {
		require.NoError(t, os.WriteFile(wrongRulesFile, []byte(got.String()), 0o600))
	}
	want, err := os.ReadFile(wrongRulesFile)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String())
}
