package credential

import (
	"net/url"
	"strings"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// subject is the subject of a client certificate, from the attribute of the semantic
// conventions or else from the headers of the proxy that checked the certificate.
type subject struct {
	names, verdicts []int // headers
	envoy, traefik  int
}

// subjectKey is the subject by the semantic conventions. Proxies can be told to set it.
const subjectKey = "tls.client.subject"

func newSubject(h *headers) subject {
	s := subject{envoy: h.add("x-forwarded-client-cert"), traefik: h.add("x-forwarded-tls-client-cert-info")}
	for _, name := range []string{
		"ssl-client-subject-dn",                // ingress-nginx
		"x-ssl-client-s-dn", "x-ssl-client-dn", // examples of nginx, Apache and HAProxy
		"x-ssl-client-subject", "x-client-subject", // others
	} {
		s.names = append(s.names, h.add(name))
	}
	for _, name := range []string{"ssl-client-verify", "x-ssl-client-verify"} {
		s.verdicts = append(s.verdicts, h.add(name))
	}
	return s
}

func (s subject) find(r *request) user {
	for _, i := range s.verdicts {
		verdict := &r.headers[i]
		if one := verdict.one(); verdict.several() || one != "" && !strings.EqualFold(one, "SUCCESS") && one != "0" {
			return user{}
		}
	}
	name := s.name(r)
	return user{id: name, name: commonName(name)}
}

// name returns the distinguished name of the subject, if only one is said.
func (s subject) name(r *request) string {
	if v, ok := r.attrs.Get(subjectKey); ok {
		if name := record.Text(v); name != "" {
			return name
		}
	}
	if !r.vouched {
		return ""
	}
	var all text
	for _, i := range s.names {
		all.unclear = all.unclear || r.headers[i].several()
		all.addOne(strings.Trim(r.headers[i].one(), `"`))
	}
	for _, i := range []int{s.envoy, s.traefik} {
		all.unclear = all.unclear || r.headers[i].several()
		all.addOne(subjectOf(r.headers[i].one()))
	}
	return all.one()
}

// subjectOf returns the subject in the list of a proxy: Envoy's By=…;Subject="CN=alice", or
// Traefik's, percent-encoded. A comma separates several certificates, and so several
// callers.
func subjectOf(list string) (name string) {
	if plain, err := url.PathUnescape(list); err == nil && !strings.Contains(list, `"`) {
		list = plain
	}
	var part strings.Builder
	quoted := false
	end := func() {
		if value, ok := strings.CutPrefix(part.String(), "Subject="); ok {
			name = value
		}
		part.Reset()
	}
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && quoted && i+1 < len(list):
			i++
			part.WriteByte(list[i])
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return ""
		case c == ';' && !quoted:
			end()
		default:
			part.WriteByte(c)
		}
	}
	if quoted {
		return ""
	}
	end()
	return name
}

// commonName returns the common name in a distinguished name, written with commas or with
// slashes, if there is just one.
func commonName(name string) (common string) {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == ',' || r == '/' || r == ';' || r == '+' })
	for _, part := range parts {
		key, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(key), "CN") {
			if common != "" {
				return ""
			}
			common = strings.TrimSpace(value)
		}
	}
	return common
}
