// Package tls_test runs the real collector with examples/tls/tls.yaml: who has a
// certificate of the right authority may write, and nobody else.
package tls_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelactivity/activitylog/internal/collectortest"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{t: t}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.key = newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	require.NoError(t, err)
	a.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

// sign returns a certificate of 127.0.0.1 and its key.
func (a authority) sign(usage x509.ExtKeyUsage) (cert, key []byte) {
	a.t.Helper()
	private := newKey(a.t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &private.PublicKey, a.key)
	require.NoError(a.t, err)
	bytes, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(a.t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytes})
}

func TestWhoMayWrite(t *testing.T) {
	dir := t.TempDir()
	ours, others := newAuthority(t), newAuthority(t)
	cert, key := ours.sign(x509.ExtKeyUsageServerAuth)
	env := []string{}
	for name, content := range map[string][]byte{"TLS_CERT": cert, "TLS_KEY": key, "TLS_CLIENT_CA": ours.pem} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, content, 0o600))
		env = append(env, name+"="+file)
	}
	col := collectortest.Start(t, collectortest.Config{
		Driver: "sqlite", DSN: "file:" + filepath.Join(dir, "activity.db"), Env: env, Args: []string{"--config=tls.yaml"},
	})
	trusted := x509.NewCertPool()
	trusted.AddCert(ours.cert)
	post := func(scheme string, certificates ...tls.Certificate) error {
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, Certificates: certificates}}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, scheme+"://"+col.HTTP+"/v1/logs", bytes.NewReader([]byte(`{"resourceLogs":[]}`)))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("answered %s", res.Status)
		}
		return nil
	}
	certificate := func(of authority) tls.Certificate {
		pair, err := tls.X509KeyPair(of.sign(x509.ExtKeyUsageClientAuth))
		require.NoError(t, err)
		return pair
	}
	require.NoError(t, post("https", certificate(ours)))
	require.Error(t, post("http"), "without encryption")
	require.Error(t, post("https"), "without a certificate")
	require.Error(t, post("https", certificate(others)), "with a certificate of another authority")

	// gRPC says no in its own handshake.
	for _, sender := range []struct {
		certificates []tls.Certificate
		may          bool
	}{{[]tls.Certificate{certificate(ours)}, true}, {nil, false}, {[]tls.Certificate{certificate(others)}, false}} {
		conn, err := tls.Dial("tcp", col.GRPC, &tls.Config{RootCAs: trusted, Certificates: sender.certificates, NextProtos: []string{"h2"}})
		if err == nil { // with TLS 1.3 the server's no comes with the first answer
			require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
			_, err = conn.Read(make([]byte, 1))
			conn.Close()
		}
		require.Equal(t, sender.may, err == nil, "%v", err)
	}
}
