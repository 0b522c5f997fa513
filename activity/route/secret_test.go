package route_test

import (
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

// Paths of real applications with a secret in them, and their routes where the framework
// tells it.
func TestSecretPaths(t *testing.T) {
	for _, c := range readLines(t, "secrets.tsv", 2, 60) {
		before, rest, _ := strings.Cut(c[1], "<")
		secret, after, _ := strings.Cut(rest, ">")
		path := before + secret + after
		template := route.Parse(c[0])
		if got := template.Secrets(path); len(got) != 1 || !strings.Contains(got[0], secret) {
			t.Errorf("route %q, path %s: secrets %q, want %q", c[0], path, got, secret)
		}
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH"} {
			act := template.Act(method, path, 200)
			text := act.Name + " " + act.Object.Type + " " + act.Object.ID
			for parent := act.Object.Parent; parent != nil; parent = parent.Parent {
				text += " " + parent.Type + " " + parent.ID
			}
			if strings.Contains(text, secret) || !act.Secret {
				t.Errorf("route %q, %s %s: %q has the secret (Secret: %v)", c[0], method, path, text, act.Secret)
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
