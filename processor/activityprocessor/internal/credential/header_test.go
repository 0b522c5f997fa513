package credential

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const authorization = "http.request.header.authorization"

// TestWho has what clients, proxies and instrumentations send.
func TestWho(t *testing.T) {
	basic := `[{header: {name: authorization, as: basic}}]`
	user := `[{header: x-forwarded-user}]`
	const userKey = "http.request.header.x-forwarded-user"
	type list = []any
	for _, tt := range []struct {
		name, rules string
		in          attrs
		want        string // the id
	}{
		{"basic", basic, attrs{authorization: list{basicOf("alice:wonder")}}, "alice"},
		{"basic as a text", basic, attrs{authorization: basicOf("alice:wonder")}, "alice"},
		{"basic as a list in JSON", basic, attrs{authorization: `["` + basicOf("alice:wonder") + `"]`}, "alice"},
		{"basic, older attribute with underscores", `[{header: {name: Proxy-Authorization, as: basic}}]`,
			attrs{"http.request.header.proxy_authorization": list{basicOf("alice:wonder")}}, "alice"},
		{"basic, attribute in capitals", basic, attrs{"http.request.header.Authorization": basicOf("alice:wonder")}, "alice"},
		{"basic, scheme in lower case, two spaces", basic, attrs{authorization: strings.Replace(basicOf("alice:wonder"), "Basic ", "basic  ", 1)}, "alice"},
		{"basic without padding", basic, attrs{authorization: strings.TrimRight(basicOf("alice:wonderful"), "=")}, "alice"},
		{"basic, a password with a colon", basic, attrs{authorization: basicOf("alice:a:b")}, "alice"},
		{"basic, an address as the name", basic, attrs{authorization: basicOf("alice@example.com:wonder")}, "alice@example.com"},
		{"basic, a name beyond ASCII", basic, attrs{authorization: basicOf("jürgen:wonder")}, "jürgen"},
		{"basic of gRPC metadata", basic, attrs{"rpc.grpc.request.metadata.authorization": list{basicOf("alice:wonder")}}, "alice"},
		{"the same header twice", basic, attrs{authorization: list{basicOf("alice:wonder"), basicOf("alice:wonder")}}, "alice"},
		{"two headers", basic, attrs{authorization: list{basicOf("alice:wonder"), basicOf("bob:builder")}}, ""},
		{"two headers in two attributes", basic, attrs{authorization: basicOf("alice:wonder"), "http.request.header.Authorization": basicOf("bob:builder")}, ""},
		{"two headers, joined", basic, attrs{authorization: basicOf("alice:wonder") + ", " + basicOf("bob:builder")}, ""},
		{"a hundred headers", basic, attrs{authorization: hundred()}, ""},
		{"basic, no colon", basic, attrs{authorization: basicOf("alice")}, ""},
		{"basic, nothing", basic, attrs{authorization: "Basic "}, ""},
		{"basic, the scheme alone", basic, attrs{authorization: "Basic"}, ""},
		{"basic, no base64", basic, attrs{authorization: "Basic alice:wonder"}, ""},
		{"basic, base64 of rubbish", basic, attrs{authorization: "Basic /w+A//8="}, ""},
		{"basic, no user", basic, attrs{authorization: basicOf(":wonder")}, ""},
		{"basic, an API key as the user", basic, attrs{authorization: basicOf("sk_live_4eC39HqLyjWDarjtT1zdp7dc:")}, ""},
		{"basic, a GitHub token as the user", basic, attrs{authorization: basicOf("ghp_x:x-oauth-basic")}, ""},
		{"basic, a token as the password", basic, attrs{authorization: basicOf("__token__:pypi-x")}, ""},
		{"basic, NUL", basic, attrs{authorization: basicOf("ali\x00ce:wonder")}, ""},
		{"basic, a line break", basic, attrs{authorization: basicOf("alice\r\nX: y:wonder")}, ""},
		{"basic, Latin-1", basic, attrs{authorization: basicOf("j\xfcrgen:wonder")}, ""},
		{"basic, blanks as the user", basic, attrs{authorization: basicOf("   :wonder")}, ""},
		{"basic, a giant", basic, attrs{authorization: basicOf(strings.Repeat("a", 1<<20) + ":wonder")}, ""},
		{"basic, a long user", basic, attrs{authorization: basicOf(strings.Repeat("a", 513) + ":wonder")}, ""},
		{"basic, another scheme", basic, attrs{authorization: "Bearer YWxpY2U6d29uZGVy"}, ""},
		{"basic, digest", basic, attrs{authorization: `Digest username="alice", realm="x"`}, ""},
		{"basic, removed by the instrumentation", basic, attrs{authorization: "[REDACTED]"}, ""},
		{"basic, an empty list", basic, attrs{authorization: list{}}, ""},
		{"basic, a number", basic, attrs{authorization: 17}, ""},
		{"basic of a response", basic, attrs{"http.response.header.authorization": basicOf("alice:wonder")}, ""},

		{"a header of a proxy", user, attrs{userKey: list{"alice"}}, "alice"},
		{"a header of a proxy, older attribute", user, attrs{"http.request.header.x_forwarded_user": list{"alice"}}, "alice"},
		{"a header of a proxy, name in capitals", `[{header: X-Forwarded-User}]`, attrs{userKey: " alice "}, "alice"},
		{"a header of a proxy, in the plural", user, attrs{"http.request.headers.x-forwarded-user": "alice"}, "alice"},
		{"a header of a proxy and of the client", user, attrs{userKey: list{"alice", "root"}}, ""},
		{"a header of a proxy and of the client, joined", user, attrs{userKey: "alice, root"}, ""},
		{"a header of a proxy and of the client, with underscores", user, attrs{userKey: "alice", "http.request.header.x_forwarded_user": "root"}, ""},
		{"a header for nobody: -", user, attrs{userKey: "-"}, ""},
		{"a header for nobody: (null)", user, attrs{userKey: "(null)"}, ""},
		{"a header for nobody: anonymous", user, attrs{userKey: "Anonymous"}, ""},
		{"a header that was removed", user, attrs{userKey: list{"****"}}, ""},
		{"a header that was filtered", user, attrs{userKey: "[Filtered]"}, ""},
		{"a blank header", user, attrs{userKey: list{"  "}}, ""},
		{"a header with an escape", user, attrs{userKey: "al\x1b[31mice"}, ""},
		{"a header that begins with another's name", user, attrs{"http.request.header.x-forwarded-user-id": "7"}, ""},

		{"Django", `[{attribute: user}]`, attrs{"user": "alice"}, "alice"},
		{"Django, nobody", `[{attribute: user}]`, attrs{"user": "AnonymousUser"}, ""},
		{"an attribute that is a number", `[{attribute: account}]`, attrs{"account": 42}, "42"},
		{"an attribute for visitors", `[{attribute: account}]`, attrs{"account": 0}, ""},
		{"an attribute for visitors: -1", `[{attribute: account}]`, attrs{"account": -1}, ""},
		{"an attribute that is a list", `[{attribute: account}]`, attrs{"account": list{"alice"}}, ""},
		{"no attribute", `[{attribute: account}]`, attrs{}, ""},

		{"the first that finds", `[{header: x-forwarded-user}, {header: {name: authorization, as: basic}}]`,
			attrs{userKey: "-", authorization: basicOf("alice:wonder")}, "alice"},
		{"the first of two", `[{header: x-forwarded-user}, {header: {name: authorization, as: basic}}]`,
			attrs{userKey: "bob", authorization: basicOf("alice:wonder")}, "bob"},
		{"for the service", `[{header: x-forwarded-user, services: [blog, "sh*"]}]`, attrs{userKey: "alice"}, "alice"},
		{"for other services", `[{header: x-forwarded-user, services: [blog, "shopping*"]}]`, attrs{userKey: "alice"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			who, _ := identified(t, finder(t, tt.rules, nil), requestWith(tt.in))
			assert.Equal(t, tt.want, who[0])
		})
	}
}

func hundred() (values []any) {
	for i := range 100 {
		values = append(values, basicOf(strings.Repeat("a", i+1)+":wonder"))
	}
	return values
}

// TestAnswers: what a client only claims counts if the server has done what it asked. What
// is proved counts unless the server said that it did not believe it.
func TestAnswers(t *testing.T) {
	f := finder(t, `[{header: {name: authorization, as: basic}}, {header: x-forwarded-user}]`, nil)
	login := attrs{"http.request.method": "POST", "url.path": "/login"}
	for _, tt := range []struct {
		name          string
		in            attrs
		claim, proved bool
	}{
		{"200", attrs{}, true, true},
		{"201, old convention", attrs{"http.response.status_code": nil, "http.status_code": 201}, true, true},
		{"204 as a text", attrs{"http.response.status_code": "204"}, true, true},
		{"304", attrs{"http.response.status_code": 304}, true, true},
		{"302 may lead to the login", attrs{"http.response.status_code": 302}, false, true},
		{"400 may come before the check", attrs{"http.response.status_code": 400}, false, true},
		{"401", attrs{"http.response.status_code": 401}, false, false},
		{"403", attrs{"http.response.status_code": 403}, false, true},
		{"404", attrs{"http.response.status_code": 404}, false, true},
		{"407", attrs{"http.response.status_code": 407}, false, false},
		{"409", attrs{"http.response.status_code": 409}, false, true},
		{"500", attrs{"http.response.status_code": 500}, false, true},
		{"no answer", attrs{"http.response.status_code": nil}, false, true},
		{"a login: who passed the proxy need not be who logged in", with(login, attrs{}), false, false},
		{"a login that is shown again", with(login, attrs{"http.response.status_code": 302}), false, false},
		{"a logout", attrs{"http.request.method": "DELETE", "url.path": "/session"}, true, true},
		{"a login, 400", with(login, attrs{"http.response.status_code": 400}), false, false},
		{"a login, 422", with(login, attrs{"http.response.status_code": 422, "url.path": "/users/sign_in/"}), false, false},
		{"a login, 403", with(login, attrs{"http.response.status_code": 403, "url.path": "/auth/token"}), false, false},
		{"a login, 429, old convention", attrs{"http.request.method": nil, "http.method": "POST", "http.target": "/wp-login.php?x=1",
			"http.response.status_code": 429, "url.path": nil}, false, false},
		{"not a login, 422", attrs{"http.response.status_code": 422, "http.request.method": "POST", "url.path": "/conference/sessions/7/talks"}, false, true},
		{"a page of logins, 404", attrs{"http.response.status_code": 404, "http.request.method": "GET", "url.path": "/login"}, false, true},
		{"gRPC", attrs{"http.response.status_code": nil, "rpc.grpc.status_code": 0}, true, true},
		{"gRPC over HTTP, unauthenticated", attrs{"rpc.grpc.status_code": 16}, false, false},
		{"gRPC, permission denied", attrs{"http.response.status_code": nil, "rpc.response.status_code": "PERMISSION_DENIED"}, false, true},
		{"Connect, unauthenticated", attrs{"http.response.status_code": nil, "rpc.connect_rpc.error_code": "unauthenticated"}, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			who, claimed := identified(t, f, with(requestWith(tt.in), attrs{authorization: basicOf("alice:wonder")}))
			assert.Equal(t, tt.claim, who[0] == "alice")
			assert.Equal(t, tt.claim, claimed, "it is marked")
			who, claimed = identified(t, f, with(requestWith(tt.in), attrs{"http.request.header.x-forwarded-user": "bob"}))
			assert.Equal(t, tt.proved, who[0] == "bob")
			assert.False(t, claimed)
		})
	}
}

// TestAttributeAtLogin: the attribute of a login may be who was signed in before.
func TestAttributeAtLogin(t *testing.T) {
	f := finder(t, `[{attribute: user}]`, nil)
	for _, code := range []int{200, 302, 400, 401, 403, 429} {
		who, _ := identified(t, f, attrs{"http.request.method": "POST", "http.route": "/login/", "user": "alice", "http.response.status_code": code})
		assert.Empty(t, who[0], code)
	}
}
