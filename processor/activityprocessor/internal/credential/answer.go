package credential

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// answer is how the server answered a request.
type answer struct {
	method, path string
	code         int    // 0: none, or not HTTP
	rpc          string // in lower case: "ok", "permission_denied", "7"
}

// read reads an attribute of the request or of its answer.
func (a *answer) read(key string, v pcommon.Value) {
	switch key {
	case "http.request.method", "http.method":
		a.method = record.Text(v)
	case "url.path":
		a.path = record.CleanPath(record.Text(v))
	case "http.target", "url.full", "http.url":
		if a.path == "" {
			a.path = record.CleanPath(record.Text(v))
		}
	case record.StatusCodeKey, record.OldStatusCodeKey:
		if code := record.StatusCode(v); code != 0 {
			a.code = code
		}
	case "rpc.response.status_code", "rpc.grpc.status_code", "rpc.connect_rpc.error_code":
		a.rpc = strings.ToLower(record.Text(v))
	}
}

// refused reports whether the server did not believe the client, whatever proof it sent:
// it answered "not authenticated", or a login failed.
func (a *answer) refused() bool {
	switch {
	case a.code == 401 || a.code == 407 || a.rpc == "16" || a.rpc == "unauthenticated":
		return true
	case a.code >= 400:
		return a.isLogin()
	}
	return false
}

// accepted reports whether the server did what was asked, so that it must have believed
// the client. A redirect may lead to the login, and an error may come before the check.
func (a *answer) accepted() bool {
	if a.rpc != "" && a.rpc != "0" && a.rpc != "ok" {
		return false
	}
	return a.code >= 200 && a.code < 300 || a.code == 304 || a.code == 0 && a.rpc != ""
}

// isLogin reports whether the request is a login. What its cookie or token says is who
// the client was before.
func (a *answer) isLogin() bool {
	if a.method != "POST" && a.method != "PUT" {
		return false
	}
	above, last := "", ""
	for part := range strings.SplitSeq(strings.ToLower(a.path), "/") {
		if part == "" {
			continue
		}
		part, _, _ = strings.Cut(part, ".")
		above, last = last, marks.Replace(part)
		if strings.HasSuffix(last, "login") || strings.HasSuffix(last, "logon") || strings.HasSuffix(last, "signin") {
			return true
		}
	}
	switch last {
	case "session", "sessions", "authenticate", "credentials":
		return true
	case "token":
		return above == "auth" || above == "connect" || strings.HasPrefix(above, "oauth")
	}
	return false
}

var marks = strings.NewReplacer("-", "", "_", "")
