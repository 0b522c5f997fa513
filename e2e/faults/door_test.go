package faults_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

func example(t *testing.T, name string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("..", "..", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestTLSWithoutAuthority starts with no authority of the clients, which would let
// everybody in. examples/tls tests the rest of that configuration.
func TestTLSWithoutAuthority(t *testing.T) {
	o := fault(t, atDoor, "`examples/tls` without TLS_CLIENT_CA")
	for _, env := range [][]string{nil, {"TLS_CLIENT_CA="}} {
		out, err := run(t, append(append([]string{"TLS_CERT=server.pem", "TLS_KEY=server.key"}, localPorts...), env...),
			"--config="+shipped(t), "--config="+example(t, "tls/tls.yaml"))
		if err == nil || !strings.Contains(out, "TLS_CLIENT_CA: must not be empty") {
			t.Errorf("%v, and it does not say that TLS_CLIENT_CA must not be empty:\n%s", err, out)
		}
	}
	o.Say("does not start; the message names the variable")
}

// TestForgedService writes as another service, with a token that is valid, with
// none, and with one that is not. examples/auth has certificates and OpenID Connect.
func TestForgedService(t *testing.T) {
	o := fault(t, atDoor, "a sender with a valid token writes as another service; counted is what it may write")
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{DSN: dsn, Env: []string{"SHOP_TOKEN=shop-token", "BILLING_TOKEN=billing-token"},
		Args: []string{"--config=" + example(t, "auth/tokens.yaml")}})
	as := func(service, token string) error {
		body := field(1, field(1, field(1, field(1, []byte("service.name")), field(2, text(service)))),
			field(2, field(2, attribute("activity.action.type", text("Update")), attribute("activity.object.id", text(service)))))
		headers := []string{}
		if token != "" {
			headers = append(headers, "Authorization", "Bearer "+token)
		}
		return post(body, headers...)(t.Context(), c)
	}
	for _, forged := range []struct{ service, token, want string }{
		{"billing", "shop-token", http.StatusText(http.StatusForbidden)},
		{"shop", "billing-token", http.StatusText(http.StatusForbidden)},
		{"shop", "guess", http.StatusText(http.StatusUnauthorized)},
		{"shop", "", http.StatusText(http.StatusUnauthorized)},
	} {
		if err := as(forged.service, forged.token); err == nil || !strings.Contains(err.Error(), forged.want) {
			t.Errorf("as %s with %q: %v; want %s", forged.service, forged.token, err, forged.want)
		}
	}
	if err := as("shop", "shop-token"); err != nil {
		t.Fatal(err)
	}
	db := load.Open(t, "sqlite", dsn)
	awaitRows(t, dsn, 1)
	time.Sleep(time.Second)
	rows := number(t, db, "SELECT count(*) FROM activity_log")
	if n := number(t, db, `SELECT count(*) FROM activity_log WHERE service_name = 'shop' AND data ->> '$.sender' = 'shop'`); n != 1 || rows != 1 {
		t.Errorf("%d rows, %d of shop by shop; want 1", rows, n)
	}
	o.Count(load.Result{Acknowledged: 1, Rows: rows})
	o.Say("four forged ones refused; who sent is in data")
}
