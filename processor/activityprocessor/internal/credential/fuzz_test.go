package credential

import (
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
)

// FuzzHeaders: whatever clients send, nothing panics, an id is a text that a column can
// hold, and no header is left.
func FuzzHeaders(f *testing.F) {
	keys := newIssuer(f, jose.ES256, "es")
	verified := finder(f, `[{header: {name: authorization, as: jwt, jwks_file: `+keyFile(f, keys.key())+`}}]`, nil)
	others := finder(f, `[{header: {name: authorization, as: jwt}}, {header: {name: authorization, as: basic}}, {header: x-forwarded-user},
		{cookie: {name: sid, lookup: sessions}}, {mtls: subject}, {attribute: user}]`, &sessions{})
	for _, seed := range [][3]string{
		{basicOf("alice:wonder"), "a=b; sid=abc", `Hash=1;Subject="CN=alice"`},
		{"Bearer " + keys.sign(f, attrs{"sub": "1"}), `sid="a;b"`, `Subject%3D%22CN%3Dalice%22`},
		{"Bearer " + unsigned(`{"alg":"none"}`, `{"sub":1}`, ""), "sid=%", `Subject="\`}, {`["x","y"]`, ";=;", `,";`},
	} {
		f.Add(seed[0], seed[1], seed[2], 200)
	}
	f.Fuzz(func(t *testing.T, header, cookies, certificate string, code int) {
		for _, find := range []*Finder{verified, others} {
			td, one := span(t, attrs{
				"http.request.method": "PUT", "url.path": "/articles/17", "http.response.status_code": code, authorization: []any{header, header}, cookieKey: cookies,
				"http.request.header.x-forwarded-client-cert": certificate, "http.request.header.x_forwarded_user": certificate, "user": cookies,
			})
			find.Traces(t.Context(), td, func(string) {})
			if id, ok := one.Attributes().Get("user.id"); ok {
				assert.True(t, isID(id.AsString()), "%q", id.AsString())
				assert.NotEqual(t, 401, code)
			}
			for key := range one.Attributes().All() {
				assert.False(t, strings.HasSuffix(key, "authorization"))
			}
		}
	})
}
