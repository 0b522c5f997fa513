package route_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity/route"
)

// secretPaths are paths of real applications with a secret in them, and their routes where
// the framework tells it. The secret is marked with angle brackets.
var secretPaths = [][2]string{
	{"/reset/{token}", "/reset/<Zm9vYmFyYmF6cXV4>"},
	{"/reset/{token}", "/reset/<abcdef>"},
	{"/password/reset/:token", "/password/reset/<3f2a9c1b>"},
	{"reset/<uidb64>/<token>/", "/reset/MQ/<c8y3ts-6a1f>/"},
	{"/users/password/edit/:reset_password_token", "/users/password/edit/<sQy8Xx1>"},
	{"/invites/{inviteToken}/accept", "/invites/<k3jd9sk>/accept"},
	{"/api/v1/secrets/{secret}", "/api/v1/secrets/<hunter2>"},
	{"/oauth/device/{user_code_token}", "/oauth/device/<WDJB-MJHT>"},
	{"/verify/:verificationToken", "/app/verify/<a%20b%2Fc>"},
	{"/-/user/token/*", "/-/user/token/<MTgwYmQwOTBmNjY3ODE2ZjU2NTJjMTMz>"},
	{"/api/admin/api-tokens/:token", "/api/admin/api-tokens/<default:development.aa11bb22>"},
	{"/tokens/{id}", "/tokens/<default:development.aa11bb22>"},
	{"/f/{path...}", "/f/share/<Xk29dLq>"},
	{"", "/reset-password/<eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x>"},
	{"", "/password-reset/<MjAyNi0wMQ>"},
	{"", "/auth/reset/<7d3f8a21c5>"},
	{"", "/verify-email/<8f14e45fceea167a5a36dedd4bea2543>"},
	{"", "/verify/<482913>"},
	{"", "/otp/<0042>"},
	{"", "/activate/<NTQ>/"},
	{"", "/confirm/<aGVsbG8gd29ybGQ>"},
	{"", "/invite/<Ab3dEf9h>"},
	{"", "/invitations/<01ARZ3NDEKTSV4RRFFQ69G5FAV>/accept"},
	{"", "/share/<1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms>"},
	{"", "/s/share-link/<k9-x_2>"},
	{"", "/api/keys/<sk_live_51H8xYz>"},
	{"", "/api-keys/<AIzaSyA1b2C3d4E5f6>"},
	{"", "/v1/secret/<s3cr3t>"},
	{"", "/magic/<2f6e1d>.html"},
	{"", "/unsubscribe/<QWxpY2U>"},
	{"", "/api/tokens/<ghp_16C7e42F292c6912E7710c838347Ae178B4a>"},
	{"", "/user-tokens/<xoxb-17653672481>"},
	{"", "/deploy_token/<gldt-2x9>"},
	{"", "/client-secrets/<Q~8xk.33>"},
	{"", "/code/<SPLX-99>"},
	{"", "/codes/<1234567>"},
	{"", "/pin/<9931>"},
	{"", "/shares/<abcdefghijklmnopqrstuvwxyz>"},
	{"/reset/QmFzZTY0", "/reset/<QmFzZTY0>"}, // the route is the path
	{"/api/*", "/api/token/<Rk9PQkFS>"},
	{"/api", "/api/invite/<Ab3dEf9h>"},
}

// harmlessPaths have words of secrets and no secret.
var harmlessPaths = [][2]string{
	{"/tokens/{id}", "/tokens/17"}, {"", "/token/refresh"}, {"", "/api/token/refreshToken"}, {"", "/tokens/17/revoke"},
	{"", "/keys/new"}, {"", "/reset/password"}, {"", "/verify/email"}, {"", "/invite/accept"}, {"", "/share/3"},
	{"", "/code/search"}, {"", "/activate/account"}, {"", "/orders/confirm/17"}, {"", "/secrets"}, {"", "/api/v1/token"},
	{"", "/articles/17"}, {"/articles/{slug}", "/articles/Zm9vYmFyYmF6"}, {"", "/monkeys/Zm9vYmFyYmF6"}, {"", "/keyboard/Zm9vYmFyYmF6"},
	{"", "/token/v2/refresh"}, {"", "/keys/import"}, {"", "/share/settings"}, {"", "/api/secrets/rotate"},
}

func TestSecretPaths(t *testing.T) {
	for _, c := range secretPaths {
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
