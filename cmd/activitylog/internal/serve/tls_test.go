package serve

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate makes a certificate for 127.0.0.1, and its key.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, bytes []byte) string {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	pool = x509.NewCertPool()
	parsed, _ := x509.ParseCertificate(cert)
	pool.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", cert), write("key.pem", "PRIVATE KEY", secret), pool
}

// With a certificate, the server speaks HTTPS of a version that is safe, and nothing else.
func TestTLS(t *testing.T) {
	certFile, keyFile, pool := certificate(t)
	s, err := New(t.Context(), Config{Listen: "127.0.0.1:0", CertFile: certFile, KeyFile: keyFile, Logger: quiet}, hello, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	if !strings.HasPrefix(s.URL(), "https://127.0.0.1:") {
		t.Errorf("the URL is %s", s.URL())
	}
	ask := func(address string, config *tls.Config) (string, error) {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
		response, err := client.Get(address)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return string(body), err
	}
	if got, err := ask(s.URL(), &tls.Config{RootCAs: pool}); got != "hello" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := ask(s.URL(), &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("it speaks TLS 1.1")
	}
	if got, _ := ask(strings.Replace(s.URL(), "https", "http", 1), nil); strings.Contains(got, "hello") {
		t.Errorf("without TLS: got %q", got)
	}
}

// The limits against slow clients are set: without them, a few connections stop a server.
func TestTimeouts(t *testing.T) {
	s, err := New(t.Context(), Config{Listen: "127.0.0.1:0", Logger: quiet}, hello, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, d := range map[string]time.Duration{"header": s.http.ReadHeaderTimeout, "read": s.http.ReadTimeout, "write": s.http.WriteTimeout, "idle": s.http.IdleTimeout} {
		if d <= 0 || d > 10*time.Minute {
			t.Errorf("the %s timeout is %s", name, d)
		}
	}
	if s.http.MaxHeaderBytes <= 0 || s.http.MaxHeaderBytes > 1<<20 {
		t.Errorf("headers may have %d bytes", s.http.MaxHeaderBytes)
	}
}
