package credential

import (
	"net/url"
	"strings"
)

// cookie is a cookie that is the key of a session in a table.
type cookie struct {
	header int
	name   string
}

func (c cookie) find(r *request) user {
	header := &r.headers[c.header]
	if header.unclear {
		return user{}
	}
	// HTTP/2 has a header for each cookie.
	return user{key: cookieNamed(strings.Join(header.values, "; "), c.name)}
}

// maxCookie is the longest value that is looked up, in bytes.
const maxCookie = 1024

// cookieNamed returns the value of a cookie, without quotes and percent-encoding. It
// returns "" if there are several with that name.
func cookieNamed(header, name string) (value string) {
	for pair := range strings.SplitSeq(header, ";") {
		key, one, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || strings.TrimSpace(key) != name {
			continue
		}
		one = strings.TrimSpace(one)
		if len(one) >= 2 && one[0] == '"' && one[len(one)-1] == '"' {
			one = one[1 : len(one)-1]
		}
		if value != "" && one != value {
			return ""
		}
		value = one
	}
	if plain, err := url.PathUnescape(value); err == nil {
		value = plain
	}
	if len(value) > maxCookie || strings.ContainsRune(value, 0) {
		return ""
	}
	return value
}
