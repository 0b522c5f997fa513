package activityprocessor

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"
)

// wrongRules are rules with what the error has to say about them: position, name,
// key and hint, whatever OTTL's own words are.
var wrongRules = []struct {
	rules string
	want  []string
}{
	// expressions
	{`[{match: ['attributes.http.route == "/a"']}]`, []string{`rules[0] "rule 0": match[0]: `, `hint: OTTL has brackets for attributes: attributes["http.route"]`}},
	{`[{name: a, match: ['resource.attributes.team == "x"']}]`, []string{`rules[0] "a": match[0]: `, `resource.attributes["team"]`}},
	{`[{name: a, match: ["attributes['x'] == 'y'"]}]`, []string{`rules[0] "a": match[0]: `, `hint: OTTL has double quotes for text: "…"`}},
	{`[{name: a, match: ['attributes["x"] = "y"']}]`, []string{`rules[0] "a": match[0]: `, `hint: OTTL compares with ==`}},
	{`[{name: a, match: ['attributes["x"] == "y" && true']}]`, []string{`match[0]: `, `hint: OTTL has and, or, not`}},
	{`[{name: a, match: ['true', 'ismatch(attributes["x"], "y")']}]`, []string{`match[1]: `, `hint: the function is IsMatch`}},
	{`[{name: a, match: ['Ismatch(attributes["x"], "y")']}]`, []string{`match[0]: `, `hint: the function is IsMatch`}},
	{`[{name: a, match: ['Matches(attributes["x"], "y")']}]`, []string{`match[0]: `, `hint: the functions are those converters of pkg/ottl`}},
	{`[{name: a, match: ['IsMatch(attributes["x"], "(")']}]`, []string{`rules[0] "a": match[0]: `, `missing closing )`}},
	{`[{name: a, match: ['http_route == "/a"']}]`, []string{`match[0]: `, `hint: an attribute is attributes["name"]`}},
	{`[{name: a, match: ['']}]`, []string{`rules[0] "a": match[0]: `}},
	{`[{name: a, context: log, match: ['span.name == "x"']}]`, []string{`rules[0] "a": match[0]: `, `hint: see the rule's context`}},
	{`[{name: a, context: span, match: ['log.body == "x"']}]`, []string{`rules[0] "a": match[0]: `, `hint: see the rule's context`}},
	{`[{name: a, match: ['span.name == "x" and log.body == "y"']}]`, []string{`rules[0] "a": match[0]: `, `make two of it`}},

	// what is set
	{`[{name: a, set: {actor_id: x}}]`, []string{`rules[0] "a": set: actor_id: is no field of an activity; is it actor.id?`}},
	{`[{name: a, set: {activity.objectid: x}}]`, []string{`set: activity.objectid: is no field of an activity; is it object.id?`}},
	{`[{name: a, set: {colour: x}}]`, []string{`set: colour: is no field of an activity; there are action.name, action.type, actor.id`, `data.<name>`}},
	{`[{name: a, set: {data.: x}}]`, []string{`set: data.: is no field`}},
	{`[{name: a, on_failed: {id: x}}]`, []string{`on_failed: id: is no field`}},
	{`[{name: a, set: {status: maybe}}]`, []string{`set: status: must be Success or Failed, got "maybe"`}},
	{`[{name: a, set: {actor.id: attributes.user}}]`, []string{`set: actor.id: `, `attributes["user"]`}},
	{`[{name: a, set: {actor.id: 'Concat([attributes["x"]])'}}]`, []string{`set: actor.id: `, `Concat`}},
	{`[{name: a, set: {actor.id: ""}}]`, []string{`set: actor.id: is empty; leave it out`}},
	{`[{name: a, set: {actor.id: [a]}}]`, []string{`set: actor.id: must be text, a number or OTTL, got []interface {}`}},
	{`[{name: a, set: {actor.id: null}}]`, []string{`set: actor.id: must be text, a number or OTTL, got <nil>`}},
	{`[{name: a, set: {remarks: 'he said "x"'}}]`, []string{`set: remarks: `, `hint: text with brackets, parentheses or quotation marks in it is to be quoted as a whole`}},

	// keys with a fixed set of values
	{`[{name: a, context: trace}]`, []string{`context: must be one of ["span" "log"], got "trace"`}},
	{`[{name: a, preset: http}]`, []string{`preset: must be one of ["http_server" "rpc_server" "graphql" "db_client"], got "http"`}},
	{`[{name: a, level: all}]`, []string{`level: must be one of ["none" "metadata" "full"], got "all"`}},
	{`[{name: a, kinds: [server, inner]}]`, []string{`kinds[1]: must be one of ["client" "consumer" "internal" "producer" "server"], got "inner"`}},
	{`[{name: a, sample_reads: 0}]`, []string{`sample_reads: must be above 0 and at most 1, got 0; level: none keeps nothing`}},
	{`[{name: a, sample_reads: 1.5}]`, []string{`sample_reads: must be above 0 and at most 1, got 1.5`}},
	{`[{name: a, tables: [b]}]`, []string{`tables: is for the preset db_client`}},
	{`[{name: a, preset: http_server, context: log}]`, []string{`preset: is for spans, and context is log`}},
	{`[{name: a, level: none, set: {actor.id: x}}]`, []string{`set: the rule keeps nothing (level: none)`}},

	{`[{name: a, level: none, on_failed: {actor.id: x}}]`, []string{`on_failed: the rule keeps nothing (level: none)`}},
	{`[{name: a, level: FULL}]`, []string{`level: must be one of ["none" "metadata" "full"], got "FULL"`}},
	{`[{name: a, sample_reads: -1}]`, []string{`sample_reads: must be above 0 and at most 1, got -1`}},
	{`[{name: a, sample_reads: .nan}]`, []string{`sample_reads: must be above 0 and at most 1, got NaN`}},
	{`[{name: a, preset: graphql, kinds: [server]}]`, []string{`kinds: is for rules without a preset; graphql has kinds of its own`}},
	{`[{name: a, context: log, kinds: [server]}]`, []string{`kinds: is for spans, and context is log`}},
	{`[{name: a, services: [""]}]`, []string{`services[0]: is empty, and matches nothing`}},
	{`[{name: a, preset: db_client, tables: [b, ""], users: [""]}]`, []string{`users[0]: is empty`, `tables[1]: is empty`}},

	// expressions that are nearly right
	{`[{name: a, match: ['log.bodyy == "x"']}]`, []string{`segment "bodyy"`}},
	{`[{name: a, match: ['span.nam == "x"']}]`, []string{`segment "nam"`}},
	{`[{name: a, match: ['span.name == "x"'], set: {remarks: log.body}}]`, []string{`set: remarks: `, `hint: see the rule's context`}},
	{`[{name: a, match: ['attributes["a"] == "b']}]`, []string{`match[0]: `}},
	{`[{name: a, match: ['attributes["a" == "b"']}]`, []string{`match[0]: `}},
	{`[{name: a, match: ['attributes["a"] = = "b"']}]`, []string{`hint: OTTL compares with ==`}},
	{`[{name: a, match: ['set(attributes["a"], "b")']}]`, []string{`hint: the functions are those converters of pkg/ottl`}},
	{`[{name: a, match: ['IsMatch(attributes["a"])']}]`, []string{`Expected: 2 Received: 1`}},
	{`[{name: a, match: ['Substring(attributes["a"], "x", 1) == ""']}]`, []string{`expected int64 but got string`}},
	{`[{name: a, match: ['resource["a"] == "b"']}]`, []string{`resource.attributes["name"]`}},
	{`[{name: a, match: ['attributes["a"] || attributes["b"]']}]`, []string{`hint: OTTL has and, or, not`}},
	{`[{name: a, set: {remarks: 'nobody came in (yet)'}}]`, []string{`set: remarks: `, `hint: text with brackets, parentheses or quotation marks in it is to be quoted as a whole, with \" inside`}},
	{`[{name: a, set: {remarks: "it's (c)"}}]`, []string{`set: remarks: `, `hint: text with brackets`}},
	{`[{name: a, set: {remarks: 'Split(attributes["x"], "/")[first]'}}]`, []string{`set: remarks: `}},
	{`[{name: a, set: {data.x: {a: 1}}}]`, []string{`set: data.x: must be text, a number or OTTL, got map[string]interface {}`}},
	{`[{name: a, set: {actor.id: nil}}]`, []string{`set: actor.id: is empty; leave it out`}},
	{`[{name: a, set: {actor.id: x, activity.actor.id: y}}]`, []string{`set: actor.id: is the same field as another name here`}},
	{`[{name: a, set: {data.n: 1, activity.data.n: 2}}]`, []string{`set: data.n: is the same field as another name here`}},
	{`[{name: a, set: {actor: {id: x}}}]`, []string{`set: actor: is no field of an activity; there are`}},

	// names
	{`[{name: a}, {name: a}]`, []string{`rules[1] "a": name: rules[0] has the same; give one of them another`}},
	{`[{preset: http_server}, {preset: http_server}]`, []string{`rules[1] "http_server": name: rules[0] has the same`}},

	// keys that there are not, and values of other kinds
	{`[{name: a, macth: [true]}]`, []string{`macth`}},
	{`[{name: a, match: {a: b}}]`, []string{`rules[0].match`}},
	{`[{name: a, sample_reads: often}]`, []string{`sample_reads`}},

	// all of them at once
	{`[{name: a, level: x, kinds: [y], match: ['attributes.z == "z"'], set: {colour: x}}]`, []string{`kinds[0]: `, `level: `, `match[0]: `, `set: colour: `}},
	{`[{name: a}, {name: a, match: ['a ='], level: no}]`, []string{`rules[1] "a": name: `, `rules[1] "a": level: `, `rules[1] "a": match[0]: `}},
	{`[{name: a, level: x}, {name: b}, {name: c, set: {x: y, z: w}}]`, []string{`rules[0] "a": level: `, `rules[2] "c": set: x: is no field`, `rules[2] "c": set: z: is no field`}},
}

// wrongRulesFile has their errors, word for word. -update writes it: with another
// version of OTTL its words may be others.
const wrongRulesFile = "testdata/wrongrules.txt"

func TestWrongRules(t *testing.T) {
	var got strings.Builder
	for _, tt := range wrongRules {
		t.Run(tt.rules, func(t *testing.T) {
			var raw map[string]any
			require.NoError(t, yaml.Unmarshal([]byte("rules: "+tt.rules), &raw))
			cfg := defaults()
			err := confmap.NewFromStringMap(raw).Unmarshal(cfg)
			if err == nil {
				err = confmap.Validate(cfg)
			}
			require.Error(t, err)
			for _, want := range tt.want {
				assert.Contains(t, err.Error(), want)
			}
			lines := regexp.MustCompile(`\n+`).ReplaceAllString(err.Error(), "\n\t")
			fmt.Fprintf(&got, "%s\n\t%s\n", tt.rules, lines)
		})
	}
	if *update {
		require.NoError(t, os.WriteFile(wrongRulesFile, []byte(got.String()), 0o600))
	}
	want, err := os.ReadFile(wrongRulesFile)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String())
}
