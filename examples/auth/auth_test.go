// Package auth_test runs the real collector with the configurations of this
// folder: whoever may write may do so as its own services alone.
package auth_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	_ "modernc.org/sqlite"

	"github.com/otelactivity/activitylog/examples/internal/authority"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// door is a collector with one of the configurations.
type door struct {
	t      *testing.T
	url    string
	grpc   string
	client *http.Client
	db     *sql.DB
}

func open(t *testing.T, env []string, configs ...string) *door {
	t.Helper()
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	var args []string
	for _, config := range configs {
		args = append(args, "--config="+config)
	}
	col := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Env: env, Args: args})
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
	return &door{t, "http://" + col.HTTP, col.GRPC, http.DefaultClient, db}
}

// send sends an activity of a service and returns the status and text of the
// answer. It says itself who it is, too, which nobody is to believe.
func (d *door) send(client *http.Client, service, tenant, object, token string) (code int, text string) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.url+"/v1/logs", bytes.NewReader(d.request(service, tenant, object)))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// export sends the same by gRPC.
func (d *door) export(creds credentials.TransportCredentials, service, tenant, object, token string) error {
	d.t.Helper()
	var req collogs.ExportLogsServiceRequest
	if err := protojson.Unmarshal(d.request(service, tenant, object), &req); err != nil {
		d.t.Fatal(err)
	}
	conn, err := grpc.NewClient(d.grpc, grpc.WithTransportCredentials(creds))
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close()
	ctx := d.t.Context()
	if token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	_, err = collogs.NewLogsServiceClient(conn).Export(ctx, &req)
	return err
}

func (d *door) request(service, tenant, object string) []byte {
	d.t.Helper()
	body, err := json.Marshal(map[string]any{"resourceLogs": []any{map[string]any{
		"resource": map[string]any{"attributes": []any{attribute("service.name", service)}},
		"scopeLogs": []any{map[string]any{"logRecords": []any{map[string]any{
			"eventName": "activity.recorded",
			"attributes": []any{
				attribute("activity.action.type", "Update"), attribute("activity.object.id", object), attribute("activity.tenant.id", tenant),
				attribute("activity.sender", "root"), attribute("activity.data", `{"sender":"root"}`),
			},
		}}}},
	}}})
	if err != nil {
		d.t.Fatal(err)
	}
	return body
}

func attribute(key, value string) map[string]any {
	return map[string]any{"key": key, "value": map[string]any{"stringValue": value}}
}

// expect waits for the row of an object and compares who sent it.
func (d *door) expect(object, sender string) {
	d.t.Helper()
	var data string
	testserver.Eventually(d.t, 20*time.Second, func() bool {
		return d.db.QueryRowContext(context.Background(), "SELECT data FROM activity_log WHERE object_id = ?", object).Scan(&data) == nil
	})
	sameJSON(d.t, fmt.Sprintf(`{"sender":%q,"sender.original":"root"}`, sender), data)
}

// expectRows checks that there are no other rows.
func (d *door) expectRows(n int) {
	d.t.Helper()
	var rows int
	if err := d.db.QueryRowContext(context.Background(), "SELECT count(*) FROM activity_log").Scan(&rows); err != nil {
		d.t.Fatal(err)
	}
	if rows != n {
		d.t.Fatalf("rows: got %v, want %v", rows, n)
	}
}

func TestTokens(t *testing.T) {
	d := open(t, []string{"SHOP_TOKEN=shop-token", "BILLING_TOKEN=billing-token"}, "tokens.yaml")
	for _, c := range []struct {
		service, tenant, token string
		code                   int
		says                   string
	}{
		{"shop", "acme", "", http.StatusUnauthorized, "missing or empty authorization header"},
		{"shop", "acme", "guess", http.StatusUnauthorized, ""},
		{"billing", "acme", "shop-token", http.StatusForbidden, `sender \"shop\" may not write as service \"billing\"`},
		{"shop", "acme", "billing-token", http.StatusForbidden, `sender \"billing\" may not write as service \"shop\"`},
		{"shop", "evil", "shop-token", http.StatusForbidden, `may not write for tenant \"evil\"`},
	} {
		code, text := d.send(d.client, c.service, c.tenant, "forged", c.token)
		if code != c.code {
			t.Fatalf("%v: got %v, want %v", text, code, c.code)
		}
		if !strings.Contains(text, c.says) {
			t.Fatalf("%q is not in:\n%s", c.says, text)
		}
	}
	for object, c := range map[string][3]string{"1": {"shop", "acme", "shop-token"}, "2": {"shop-eu", "", "shop-token"}, "3": {"billing", "evil", "billing-token"}} {
		code, text := d.send(d.client, c[0], c[1], object, c[2])
		if code != http.StatusOK {
			t.Fatalf("%v: got %v, want %v", text, code, http.StatusOK)
		}
	}
	d.expect("1", "shop")
	d.expect("2", "shop")
	plain := insecure.NewCredentials()
	for object, token := range map[string]string{"4": "shop-token", "": "", "forged": "billing-token"} {
		err := d.export(plain, "shop", "acme", object, token)
		want := map[string]codes.Code{"4": codes.OK, "": codes.Unauthenticated, "forged": codes.PermissionDenied}[object]
		if got := status.Code(err); got != want {
			t.Fatalf("%v: got %v, want %v", err, got, want)
		}
	}
	d.expect("3", "billing")
	d.expect("4", "shop")
	d.expectRows(4)
}

// TestMarked lets pass what is forged, and says what it is.
func TestMarked(t *testing.T) {
	d := open(t, []string{"SHOP_TOKEN=shop-token", "BILLING_TOKEN=billing-token"}, "tokens.yaml", "yaml:processors::activity::senders::on_other: mark")
	code, text := d.send(d.client, "billing", "evil", "forged", "shop-token")
	if code != http.StatusOK {
		t.Fatalf("%v: got %v, want %v", text, code, http.StatusOK)
	}
	var data string
	testserver.Eventually(t, 20*time.Second, func() bool {
		return d.db.QueryRowContext(context.Background(), "SELECT data FROM activity_log").Scan(&data) == nil
	})
	sameJSON(t, `{"sender":"shop","sender.original":"root","activity.forged":["service_name","tenant_id"]}`, data)
}

func TestCertificates(t *testing.T) {
	ours := authority.New(t)
	d := open(t, ours.Env(), "../tls/tls.yaml", "certificates.yaml")
	d.url = "https" + d.url[len("http"):]
	with := func(name string) *http.Client {
		return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ours.Pool(), Certificates: []tls.Certificate{ours.Client(name)}}}}
	}
	code, text := d.send(with("shop.example.com"), "billing", "", "forged", "")
	if code != http.StatusForbidden {
		t.Fatalf("%v: got %v, want %v", text, code, http.StatusForbidden)
	}
	if !strings.Contains(text, `sender \"shop\" may not write as service \"billing\"`) {
		t.Fatalf("%q is not in:\n%s", `sender \"shop\" may not write as service \"billing\"`, text)
	}
	code, text = d.send(with("other.example.com"), "shop", "", "forged", "")
	if code != http.StatusForbidden {
		t.Fatalf("%v: got %v, want %v", text, code, http.StatusForbidden)
	}
	code, text = d.send(with("shop.example.com"), "shop", "", "1", "")
	if code != http.StatusOK {
		t.Fatalf("%v: got %v, want %v", text, code, http.StatusOK)
	}
	by := func(name string) credentials.TransportCredentials {
		return credentials.NewTLS(&tls.Config{RootCAs: ours.Pool(), Certificates: []tls.Certificate{ours.Client(name)}})
	}
	if err := d.export(by("billing.example.com"), "billing", "", "2", ""); err != nil {
		t.Fatal(err)
	}
	if got := status.Code(d.export(by("billing.example.com"), "shop", "", "forged", "")); got != codes.PermissionDenied {
		t.Fatalf("got %v, want %v", got, codes.PermissionDenied)
	}
	d.expect("1", "shop")
	d.expect("2", "billing")
	d.expectRows(2)
}

func TestOIDC(t *testing.T) {
	p := newProvider(t)
	d := open(t, []string{"OIDC_ISSUER=" + p.url, "OIDC_AUDIENCE=activitylog"}, "oidc.yaml")
	for _, c := range []struct {
		service string
		claims  map[string]any
		code    int
	}{
		{"billing", map[string]any{"sub": "shop"}, http.StatusForbidden},
		{"shop", map[string]any{"sub": "stranger"}, http.StatusForbidden},
		{"shop", map[string]any{"sub": "shop", "aud": "another"}, http.StatusUnauthorized},
		{"shop", map[string]any{"sub": "shop", "exp": time.Now().Add(-time.Hour).Unix()}, http.StatusUnauthorized},
		{"shop", map[string]any{"sub": "night", "groups": []string{"activity-writers"}}, http.StatusForbidden},
	} {
		code, text := d.send(d.client, c.service, "", "forged", p.token(c.claims))
		if code != c.code {
			t.Fatalf("%v: %s: got %v, want %v", c.claims, text, code, c.code)
		}
	}
	code, text := d.send(d.client, "shop", "", "1", p.token(map[string]any{"sub": "shop"}))
	if code != http.StatusOK {
		t.Fatalf("%v: got %v, want %v", text, code, http.StatusOK)
	}
	code, text = d.send(d.client, "job-night", "", "2", p.token(map[string]any{"sub": "night", "groups": []string{"x", "activity-writers"}}))
	if code != http.StatusOK {
		t.Fatalf("%v: got %v, want %v", text, code, http.StatusOK)
	}
	d.expect("1", "shop")
	d.expect("2", "jobs")
	d.expectRows(2)
}

// provider is an OpenID Connect provider that signs what the test says.
type provider struct {
	t   *testing.T
	url string
	key *rsa.PrivateKey
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key}
	mux := http.NewServeMux()
	answer := func(path string, body func() any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(body())
		})
	}
	answer("/.well-known/openid-configuration", func() any {
		return map[string]any{"issuer": p.url, "jwks_uri": p.url + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}}
	})
	answer("/keys", func() any {
		return map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
		}}}
	})
	server := httptest.NewUnstartedServer(mux)
	p.url = "http://" + server.Listener.Addr().String() // before a handler reads it
	server.Start()
	t.Cleanup(server.Close)
	return p
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// token returns a signed token with the claims, and with those that it needs.
func (p *provider) token(claims map[string]any) string {
	p.t.Helper()
	all := map[string]any{"iss": p.url, "aud": "activitylog", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix()}
	for key, value := range claims {
		all[key] = value
	}
	payload, err := json.Marshal(all)
	if err != nil {
		p.t.Fatal(err)
	}
	signed := encode([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + encode(payload)
	hash := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, hash[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

// sameJSON fails the test unless two texts are the same value.
func sameJSON(t *testing.T, want, got string) {
	t.Helper()
	var values [2]any
	for i, text := range []string{want, got} {
		if err := json.Unmarshal([]byte(text), &values[i]); err != nil {
			t.Fatalf("read %q: %v", text, err)
		}
	}
	if !reflect.DeepEqual(values[0], values[1]) {
		t.Fatalf("got %s, want %s", got, want)
	}
}
