package credential

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// source returns a key source of an address with short intervals.
func source(t *testing.T, address string) (*keySource, *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	k := newKeySource(&HeaderConfig{JWKSURL: URL(address)}, zap.New(core))
	k.times = times{refresh: 20 * time.Millisecond, retry: 10 * time.Millisecond, gap: time.Millisecond, stale: time.Minute, first: 2 * time.Second}
	return k, logs
}

func start(t *testing.T, k *keySource) {
	t.Helper()
	require.NoError(t, k.start(t.Context()))
	t.Cleanup(func() { require.NoError(t, k.stop(context.Background())) })
}

// TestKeysOfAnAddress: keys are changed, and the address fails for a while.
func TestKeysOfAnAddress(t *testing.T) {
	first, second := newIssuer(t, jose.ES256, "1"), newIssuer(t, jose.ES256, "2")
	var answer atomic.Value
	answer.Store(keySetOf(t, first.key()))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if text := answer.Load().([]byte); text != nil {
			_, _ = w.Write(text)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	k, logs := source(t, server.URL+"/keys?secret=hunter2")
	assert.Nil(t, k.current(), "before the start")
	start(t, k)
	has := func(kid string) func() bool {
		return func() bool { set := k.current(); return set != nil && set.keys[0].KeyID == kid }
	}
	require.True(t, has("1")(), "after the start")

	answer.Store([]byte(nil))
	require.Eventually(t, func() bool { return logs.Len() == 1 }, 5*time.Second, time.Millisecond)
	time.Sleep(50 * time.Millisecond)
	assert.Len(t, logs.All(), 1, "it says so once")
	assert.True(t, has("1")(), "the last keys are used")

	answer.Store(keySetOf(t, second.key()))
	require.Eventually(t, has("2"), 5*time.Second, time.Millisecond)
	require.Eventually(t, func() bool { return logs.Len() == 2 }, 5*time.Second, time.Millisecond)
	for _, entry := range logs.All() {
		assert.NotContains(t, fmt.Sprint(entry.ContextMap()), "hunter2")
	}
}

// TestUnreachableAddress does not stop the start, and identifies nobody.
func TestUnreachableAddress(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	hangs := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hangs:
		case <-r.Context().Done():
		}
	}))
	defer hanging.Close()
	defer close(hangs)
	for name, address := range map[string]string{"closed": closed.URL + "/?secret=hunter2", "hangs": hanging.URL} {
		t.Run(name, func(t *testing.T) {
			k, logs := source(t, address)
			k.times.first = 100 * time.Millisecond
			before := time.Now()
			start(t, k)
			assert.Less(t, time.Since(before), time.Second)
			assert.Nil(t, k.current())
			for range 1000 {
				k.refresh() // never blocks
			}
			if name == "closed" {
				require.Eventually(t, func() bool { return logs.Len() == 1 }, 5*time.Second, time.Millisecond)
				assert.NotContains(t, logs.All()[0].ContextMap()["error"], "hunter2")
			}
		})
	}
}

// TestUnknownKid reads the keys again at once, and not for each token.
func TestUnknownKid(t *testing.T) {
	old, next := newIssuer(t, jose.ES256, "old"), newIssuer(t, jose.ES256, "next")
	var rotated atomic.Bool
	var reads atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reads.Add(1)
		if rotated.Load() {
			_, _ = w.Write(keySetOf(t, next.key()))
			return
		}
		_, _ = w.Write(keySetOf(t, old.key()))
	}))
	defer server.Close()
	f, err := New(rulesOf(t, `[{header: {name: authorization, as: jwt, jwks_url: "`+server.URL+`"}}]`), nil, nil, zap.NewNop())
	require.NoError(t, err)
	f.keys[0].times.gap = 30 * time.Millisecond
	require.NoError(t, f.Start(t.Context()))
	defer func() { require.NoError(t, f.Shutdown(context.Background())) }()
	tokens := map[string]string{}
	who := func(i issuer) string {
		if tokens[i.kid] == "" {
			tokens[i.kid] = i.sign(t, attrs{"sub": i.kid})
		}
		found, _ := identified(t, f, requestWith(attrs{authorization: "Bearer " + tokens[i.kid]}))
		return found[0]
	}
	require.Equal(t, "old", who(old))
	rotated.Store(true)
	assert.Equal(t, "old", who(old))
	require.Eventually(t, func() bool { return who(next) == "next" }, 5*time.Second, 5*time.Millisecond)
	assert.Empty(t, who(old), "its key is gone, and what was remembered with it")
	n := reads.Load()
	for range 100 {
		who(old)
	}
	assert.LessOrEqual(t, reads.Load()-n, int64(10))
}

func TestStaleKeys(t *testing.T) {
	k, _ := source(t, "http://localhost/")
	set, err := parseKeys(keySetOf(t, newIssuer(t, jose.ES256, "1").key()))
	require.NoError(t, err)
	k.set.Store(set)
	k.fresh.Store(time.Now().UnixNano())
	assert.NotNil(t, k.current())
	k.fresh.Store(time.Now().Add(-2 * time.Minute).UnixNano())
	assert.Nil(t, k.current())
}

func TestKeyFiles(t *testing.T) {
	private := newIssuer(t, jose.RS256, "1")
	set, err := parseKeys(keySetOf(t, jose.JSONWebKey{Key: private.private, KeyID: "1"}))
	require.NoError(t, err)
	assert.True(t, set.keys[0].IsPublic(), "of a private key only the public part is kept")

	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty": "", "text": "keys", "none": `{"keys":[]}`, "symmetric": string(keySetOf(t)), "large": `{"keys":[]}` + string(make([]byte, maxKeySet)),
	} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		f, err := New(rulesOf(t, `[{header: {name: authorization, as: jwt, jwks_file: `+file+`}}]`), nil, nil, zap.NewNop())
		require.NoError(t, err)
		require.ErrorContains(t, f.Start(t.Context()), "read the keys of tokens in "+file, name)
	}
}
