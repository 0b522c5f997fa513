// Package tls_test runs the real collector with examples/tls/tls.yaml: who has a
// certificate of the right authority may write, and nobody else.
package tls_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/examples/internal/authority"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

func TestWhoMayWrite(t *testing.T) {
	ours, others := authority.New(t), authority.New(t)
	col := collectortest.Start(t, collectortest.Config{
		Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "activity.db"), Env: ours.Env(), Args: []string{"--config=tls.yaml"},
	})
	post := func(scheme string, certificates ...tls.Certificate) error {
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ours.Pool(), Certificates: certificates}}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, scheme+"://"+col.HTTP+"/v1/logs", bytes.NewReader([]byte(`{"resourceLogs":[]}`)))
		if err != nil {
			t.Fatal(err)
		}
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
	if err := post("https", ours.Client("shop")); err != nil {
		t.Fatal(err)
	}
	if err := post("http"); err == nil {
		t.Fatal("without encryption: got no error")
	}
	if err := post("https"); err == nil {
		t.Fatal("without a certificate: got no error")
	}
	if err := post("https", others.Client("shop")); err == nil {
		t.Fatal("with a certificate of another authority: got no error")
	}

	// gRPC says no in its own handshake.
	for _, sender := range []struct {
		certificates []tls.Certificate
		may          bool
	}{{[]tls.Certificate{ours.Client("shop")}, true}, {nil, false}, {[]tls.Certificate{others.Client("shop")}, false}} {
		conn, err := tls.Dial("tcp", col.GRPC, &tls.Config{RootCAs: ours.Pool(), Certificates: sender.certificates, NextProtos: []string{"h2"}})
		if err == nil { // with TLS 1.3 the server's no comes with the first answer
			if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			_, err = conn.Read(make([]byte, 1))
			conn.Close()
		}
		if got := err == nil; got != sender.may {
			t.Fatalf("%v: got %v, want %v", err, got, sender.may)
		}
	}
}

// TestDoesNotStartWithoutAuthority: an authority that is not set, or is empty,
// would let everybody in.
func TestDoesNotStartWithoutAuthority(t *testing.T) {
	binary := collectortest.Binary(t)
	for _, missing := range []string{"TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA"} {
		for _, empty := range []bool{false, true} {
			env := []string{"PATH=/usr/bin", "ACTIVITYLOG_STORAGE=" + t.TempDir(), "ACTIVITYLOG_DSN=file:" + filepath.Join(t.TempDir(), "activity.db")}
			for _, v := range authority.New(t).Env() {
				if !strings.HasPrefix(v, missing+"=") {
					env = append(env, v)
				} else if empty {
					env = append(env, missing+"=")
				}
			}
			cmd := exec.CommandContext(t.Context(), binary, "--config=../../collector-config.yaml", "--config=tls.yaml")
			cmd.Env = env
			timer := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
			out, err := cmd.CombinedOutput()
			if !timer.Stop() {
				t.Fatalf("without %s it starts", missing)
			}
			if err == nil {
				t.Fatal("got no error")
			}
			want := "extensions::activity_guard::required::" + missing + ": must not be empty"
			if got := string(out); !strings.Contains(got, want) {
				t.Fatalf("%q is not in:\n%s", want, got)
			}
		}
	}
}
