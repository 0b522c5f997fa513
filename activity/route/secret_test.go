package route_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity/route"
)

// harmlessPaths have words of secrets and no secret.
var harmlessPaths = [][2]string{
	{"/tokens/{id}", "/tokens/17"}, {"", "/token/refresh"}, {"", "/api/token/refreshToken"}, {"", "/tokens/17/revoke"},
	{"", "/keys/new"}, {"", "/reset/password"}, {"", "/verify/email"}, {"", "/invite/accept"}, {"", "/share/3"},
	{"", "/code/search"}, {"", "/activate/account"}, {"", "/orders/confirm/17"}, {"", "/secrets"}, {"", "/api/v1/token"},
	{"", "/articles/17"}, {"/articles/{slug}", "/articles/Zm9vYmFyYmF6"}, {"", "/monkeys/Zm9vYmFyYmF6"}, {"", "/keyboard/Zm9vYmFyYmF6"},
	{"/webhooks/stripe", "/webhooks/stripe"}, {"", "/webhooks/17/deliveries/3/redeliver"}, {"", "/token/v2/refresh"}, {"", "/keys/import"}, {"", "/share/settings"}, {"", "/api/secrets/rotate"},
}

// Paths of real applications with secrets in them, and paths that only look as if they had
// some. A route is there where the framework tells it.
func TestSecretPaths(t *testing.T) {
	for _, c := range readLines(t, "secrets.tsv", 2, 200) {
		path, secrets := marked(c[1])
		template := route.Parse(c[0])
		if got := template.Secrets(path); !slices.Equal(got, secrets) {
			t.Errorf("route %q, path %s: secrets %q, want %q", c[0], path, got, secrets)
		}
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH"} {
			act := template.Act(method, path, 200)
			text := act.Name + " " + act.Object.Type + " " + act.Object.ID
			for parent := act.Object.Parent; parent != nil; parent = parent.Parent {
				text += " " + parent.Type + " " + parent.ID
			}
			if act.Secret != (len(secrets) > 0) {
				t.Errorf("route %q, %s %s: Secret is %v", c[0], method, path, act.Secret)
			}
			for _, secret := range secrets {
				plain, _ := url.PathUnescape(secret)
				if strings.Contains(text, secret) || strings.Contains(text, plain) {
					t.Errorf("route %q, %s %s: %q has the secret", c[0], method, path, text)
				}
			}
			if act.Param != "" && strings.Contains(act.Object.ID, "sha256:") && act.Secret {
				t.Errorf("route %q, %s %s: the router would say what is in %q", c[0], method, path, act.Param)
			}
		}
	}
}

// marked returns a path without the angle brackets around its secrets, and the secrets.
func marked(text string) (path string, secrets []string) {
	for {
		before, rest, ok := strings.Cut(text, "<")
		path += before
		if !ok {
			return path, secrets
		}
		secret, after, _ := strings.Cut(rest, ">")
		path, text, secrets = path+secret, after, append(secrets, secret)
	}
}

// A route with a secret in it is no name for anything.
func TestHoldsSecret(t *testing.T) {
	for pattern, want := range map[string]bool{
		"POST /telegram/110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw":          true,
		"POST /telegram/110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/{method}": true,
		"/a,/webhook-Zx9kQ2ab": true,
		"/a;token=hunter2":     true,
		"/tokens/{token}":      false,
		"/token={token}":       false,
		"/webhooks/stripe/v2":  false,
		"/articles/17":         false,
		`/^\/reset\/(\w+)$/`:   false,
	} {
		template := route.Parse(pattern)
		if got := template.HoldsSecret(); got != want {
			t.Errorf("%s: HoldsSecret returns %v", pattern, got)
		}
		for _, path := range []string{"", "/b", strings.TrimPrefix(pattern, "POST ")} {
			if name := template.Act("POST", path, 200).Name; want && strings.ContainsAny(name, "0x2") {
				t.Errorf("%s: POST %s is called %q", pattern, path, name)
			}
		}
	}
}

// Two acts on one token have the same id, those on two tokens have not.
func TestDigest(t *testing.T) {
	id := func(route_, path string) string { return route.Parse(route_).Act("DELETE", path, 200).Object.ID }
	a := id("/tokens/{token}", "/tokens/abc-1")
	if b := id("/api/tokens/{token}", "/api/tokens/abc%2D1"); a != b || !strings.HasPrefix(a, "sha256:") {
		t.Errorf("%q and %q, want one digest", a, b)
	}
	if c := id("/tokens/{token}", "/tokens/abc-2"); a == c {
		t.Errorf("two tokens have the digest %q", a)
	}
}

func TestHarmlessPaths(t *testing.T) {
	for _, c := range harmlessPaths {
		if got := route.Parse(c[0]).Secrets(c[1]); len(got) > 0 {
			t.Errorf("route %q, path %s: secrets %q, want none", c[0], c[1], got)
		}
		if act := route.Parse(c[0]).Act("PUT", c[1], 200); act.Secret || slices.Contains([]string{act.Object.ID}, "sha256") {
			t.Errorf("route %q, path %s: %+v", c[0], c[1], act)
		}
	}
}
