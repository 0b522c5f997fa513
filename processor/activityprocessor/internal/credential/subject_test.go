package credential

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSubjects(t *testing.T) {
	const header = "http.request.header."
	f := finder(t, `[{mtls: subject}]`, nil)
	for _, tt := range []struct {
		name     string
		in       attrs
		id, user string
	}{
		{"the semantic conventions", attrs{"tls.client.subject": "CN=alice, O=acme"}, "CN=alice, O=acme", "alice"},
		{"ingress-nginx", attrs{header + "ssl-client-subject-dn": []any{"CN=alice,O=acme"}, header + "ssl-client-verify": []any{"SUCCESS"}}, "CN=alice,O=acme", "alice"},
		{"nginx, older attribute", attrs{header + "x_ssl_client_s_dn": "CN=alice,O=acme"}, "CN=alice,O=acme", "alice"},
		{"HAProxy", attrs{header + "x-ssl-client-dn": `"/C=FR/O=acme/CN=alice"`, header + "x-ssl-client-verify": "0"}, "/C=FR/O=acme/CN=alice", "alice"},
		{"Envoy", attrs{header + "x-forwarded-client-cert": `By=spiffe://a/b;Hash=468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688;` +
			`Subject="CN=alice,O=\"acme, inc\"";URI=spiffe://a/c`}, `CN=alice,O="acme, inc"`, "alice"},
		{"Traefik", attrs{header + "x-forwarded-tls-client-cert-info": `Subject%3D%22CN%3Dalice%2CO%3Dacme%22%3BIssuer%3D%22CN%3Dca%22`}, "CN=alice,O=acme", "alice"},
		{"the conventions before a header", attrs{"tls.client.subject": "CN=alice", header + "x-ssl-client-s-dn": "CN=root"}, "CN=alice", "alice"},
		{"two headers that agree", attrs{header + "x-ssl-client-dn": "CN=alice", header + "x-ssl-client-s-dn": "CN=alice"}, "CN=alice", "alice"},
		{"no common name", attrs{"tls.client.subject": "O=acme"}, "O=acme", ""},
		{"two common names", attrs{"tls.client.subject": "CN=alice,CN=bob"}, "CN=alice,CN=bob", ""},
		{"two headers", attrs{header + "x-ssl-client-dn": "CN=alice", header + "x-ssl-client-s-dn": "CN=root"}, "", ""},
		{"one header twice", attrs{header + "x-ssl-client-dn": []any{"CN=alice", "CN=root"}}, "", ""},
		{"not verified", attrs{header + "ssl-client-subject-dn": "CN=alice", header + "ssl-client-verify": "FAILED:self signed certificate"}, "", ""},
		{"verified and not", attrs{header + "ssl-client-subject-dn": "CN=alice", header + "ssl-client-verify": []any{"SUCCESS", "NONE"}}, "", ""},
		{"a code of HAProxy", attrs{header + "x-ssl-client-dn": "CN=alice", header + "x-ssl-client-verify": "19"}, "", ""},
		{"two certificates", attrs{header + "x-forwarded-client-cert": `Hash=1;Subject="CN=alice",Hash=2;Subject="CN=root"`}, "", ""},
		{"two certificates, one without a subject", attrs{header + "x-forwarded-client-cert": `By=a;Hash=1,By=b;Hash=2;Subject="CN=root"`}, "", ""},
		{"no end", attrs{header + "x-forwarded-client-cert": `Subject="CN=alice`}, "", ""},
		{"a subject in quotes of another", attrs{header + "x-forwarded-client-cert": `By="Subject=CN=root";Hash=1`}, "", ""},
		{"401", attrs{"tls.client.subject": "CN=alice", "http.response.status_code": 401}, "", ""},
		{"a line break", attrs{"tls.client.subject": "CN=alice\nCN=root"}, "", ""},
		{"nothing", attrs{}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			who, claimed := identified(t, f, requestWith(tt.in))
			assert.Equal(t, [3]string{tt.id, tt.user}, who)
			assert.False(t, claimed)
		})
	}
}
