package activityprocessor

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// actionOf returns the action type that rules give a request, "" for no activity.
func actionOf(t *testing.T, rules string, more attrs) string {
	t.Helper()
	in := attrs{
		"http.request.method": "PUT", "url.path": "/articles/17", "http.response.status_code": 200, "user.id": "alice",
		"network.peer.address": "10.1.2.3",
	}
	maps.Copy(in, more)
	td, span := newSpan(t, in)
	got, _ := added(t, configOf(t, rules), td, span)["activity.action.type"].(string)
	return got
}

// The lists of a rule are about the request, whatever convention its attributes follow.
func TestSelectors(t *testing.T) {
	old := attrs{"http.request.method": nil, "http.method": "DELETE", "http.response.status_code": nil, "http.status_code": 404}
	for name, tt := range map[string]struct {
		list  string
		more  attrs
		match bool
	}{
		"method":                   {"methods: [put, PATCH]", nil, true},
		"another method":           {"methods: [POST]", nil, false},
		"old method":               {"methods: [DELETE]", old, true},
		"code":                     {"codes: [200]", nil, true},
		"code as text":             {`codes: ["200"]`, nil, true},
		"class":                    {"codes: [401, 2xx]", nil, true},
		"another class":            {"codes: [4XX]", nil, false},
		"old code":                 {"codes: [4xx]", old, true},
		"address":                  {"addresses: [192.0.2.7, 10.0.0.0/8]", nil, true},
		"another address":          {"addresses: [192.0.2.0/24]", nil, false},
		"no address":               {"addresses: [10.0.0.0/8]", attrs{"network.peer.address": "a.sock"}, false},
		"not a user":               {"not: {users: [alice]}", nil, false},
		"not another user":         {"not: {users: [bob]}", nil, true},
		"not one of two lists":     {"not: {users: [bob], methods: [PUT]}", nil, false},
		"not a code":               {"not: {codes: [2xx]}", nil, false},
		"not an object":            {"not: {objects: [article/17]}", nil, false},
		"not another object":       {"not: {objects: [article/18]}", nil, true},
		"not a route":              {"not: {routes: [/articles/*]}", nil, false},
		"not a service":            {"not: {services: [other]}", nil, true},
		"not an action":            {"not: {actions: [Update]}", nil, false},
		"not an address":           {"not: {addresses: [10.1.2.3]}", nil, false},
		"a list and not a list":    {"methods: [PUT], not: {users: [bob]}", nil, true},
		"a route that fits":        {"route: '/articles/{id}'", nil, true},
		"a route that does not":    {"route: '/posts/{id}'", nil, false},
		"a route, and its objects": {"route: '/{kind}/{id}', objects: [kind/*]", attrs{"url.path": "/things/x"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := actionOf(t, "rules: [{name: a, "+tt.list+", set: {action.type: Matched}}, {preset: http_server}]", tt.more)
			assert.Equal(t, tt.match, got == "Matched", "action type %q", got)
		})
	}
}

func TestWrongSelectors(t *testing.T) {
	for rules, want := range map[string]string{
		"rules: [{name: a, codes: [20], set: {action.type: A}}]":                                         "rules::0::codes: must be a list of codes such as 404 or 4xx; entry 0 is 20",
		"rules: [{name: a, codes: [axx], set: {action.type: A}}]":                                        "entry 0 is axx",
		"rules: [{name: a, addresses: [10.0.0.0/40], set: {action.type: A}}]":                            `must be an address or a prefix, such as 10.0.0.0/8; got "10.0.0.0/40"`,
		"rules: [{name: a, not: {userss: [a]}, set: {action.type: A}}]":                                  `did you mean "users"?`,
		"rules: [{preset: http_server, set: {action.type: none}}]":                                       "cannot be none; level: none keeps an activity out",
		"rules/x: [{name: a, level: all}]":                                                               `rules/::x::0::level: must be one of "none", "metadata", "full"; got "all"`,
		"{rules: [{name: a, level: none}], rules/x: [{name: a, level: full, set: {action.type: Seen}}]}": `must have a different name in each entry`,
	} {
		conf, err := confmap.NewRetrievedFromYAML([]byte(rules))
		require.NoError(t, err)
		values, err := conf.AsConf()
		require.NoError(t, err)
		cfg := defaults()
		if err = values.Unmarshal(cfg); err == nil {
			err = confmap.Validate(cfg)
		}
		assert.ErrorContains(t, err, want, rules)
	}
}

// What a rule sets: nothing, or what the route has in the place of a parameter.
func TestSetNoneAndRoute(t *testing.T) {
	td, span := newSpan(t, attrs{
		"http.request.method": "PUT", "http.route": "/projects/:p/features/:name", "url.path": "/projects/default/features/dark%20mode",
		"http.response.status_code": 200, "user.id": "alice", "network.peer.address": "10.1.2.3", "client.address": "10.1.2.3", "user_agent.original": "curl",
	})
	got := added(t, configOf(t, `rules: [{preset: http_server, set: {object.name: 'route["name"]', data.project: 'route["p"]', data.missing: 'route["q"]',
		object.id: none, client.address: none, user_agent.original: none}}]`), td, span)
	assert.Equal(t, "dark mode", got["activity.object.name"])
	assert.Nil(t, got["activity.object.id"])
	assert.Nil(t, got["activity.data"].(map[string]any)["missing"])
	assert.Equal(t, "default", got["activity.data"].(map[string]any)["project"])
	assert.NotContains(t, span.Attributes().AsRaw(), "client.address")
	assert.NotContains(t, span.Attributes().AsRaw(), "user_agent.original")
}

// An application without routes gets them from a rule.
func TestRouteOfARule(t *testing.T) {
	td, span := newSpan(t, attrs{
		"http.request.method": "DELETE", "url.path": "/app/items/books/dune", "http.response.status_code": 204, "user.id": "alice",
	})
	got := added(t, configOf(t, `rules: [{preset: http_server, route: "/items/{collection}/{item}", set: {object.type: 'route["collection"]'}}]`), td, span)
	assert.Equal(t, "DELETE /items/{collection}/{item}", got["activity.action.name"])
	assert.Equal(t, "books", got["activity.object.type"])
	assert.Equal(t, "dune", got["activity.object.id"])
}

// Lists of several files add up.
func TestExtraRules(t *testing.T) {
	const rules = `
rules: [{preset: http_server}]
rules/b: [{name: b, users: [bob], set: {action.type: OfB}}, {name: both, users: [alice, bob], set: {action.type: OfBoth}}]
rules/a: [{name: a, users: [bob], set: {action.type: OfA}}]
`
	for user, want := range map[string]string{"alice": "OfBoth", "bob": "OfA", "carol": "Update"} {
		assert.Equal(t, want, actionOf(t, rules, attrs{"user.id": user}), user)
	}
	assert.Equal(t, "OfA", actionOf(t, "rules/a: [{name: a, users: [bob], set: {action.type: OfA}}]", attrs{"user.id": "bob"}))
	assert.Equal(t, "Update", actionOf(t, "rules/a: [{name: a, users: [bob], set: {action.type: OfA}}]", nil), "the default rules stay")
}

// A rule that no record can reach is a mistake of its author.
func TestUnreachableRules(t *testing.T) {
	for rules, want := range map[string][]string{
		"rules: [{preset: http_server}, {name: late, preset: http_server, routes: [/a]}]":                                                                   {"late after http_server"},
		"rules: [{preset: http_server}, {preset: rpc_server}]":                                                                                              nil,
		"rules: [{name: a, users: [x*], level: none}, {name: b, users: [xy, xz], level: full}, {preset: http_server}]":                                      {"b after a"},
		"rules: [{name: a, users: [x], level: none}, {name: b, users: [x, y], level: full}]":                                                                nil,
		"rules: [{name: a, users: [x], level: none}, {name: b, users: [x*], level: full}]":                                                                  nil,
		"rules: [{name: a, level: none}, {preset: http_server}, {preset: graphql}]":                                                                         {"http_server after a", "graphql after a"},
		"rules: [{name: a, codes: [2xx], level: none}, {name: b, level: full}]":                                                                             nil,
		"rules: [{name: a, not: {users: [x]}, level: none}, {name: b, level: full}]":                                                                        nil,
		`rules: [{name: a, match: ['attributes["x"] == 1'], level: none}, {name: b, level: full}]`:                                                          nil,
		`rules: [{name: a, match: ['attributes["x"] == 1'], level: none}, {name: b, match: ['attributes["x"] == 1', 'attributes["y"] == 1'], level: full}]`: {"b after a"},
		"rules: [{name: a, kinds: [client], level: none}, {name: b, level: full}]":                                                                          nil,
		"rules: [{name: a, context: log, level: none}, {name: b, level: full}]":                                                                             nil,
		"rules: [{name: a, route: '/x/{id}', level: none}, {name: b, level: full}]":                                                                         nil,
	} {
		core, logs := observer.New(zap.WarnLevel)
		set := componenttest.NewNopTelemetrySettings()
		set.Logger = zap.New(core)
		_, err := newActivityProcessor(configOf(t, rules), set)
		require.NoError(t, err, rules)
		var got []string
		for _, entry := range logs.All() {
			fields := entry.ContextMap()
			got = append(got, fields["rule"].(string)+" after "+fields["before"].(string))
		}
		assert.Equal(t, want, got, rules)
	}
}
