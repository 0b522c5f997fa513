package serve

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// basic is Basic authentication with the names and passwords of a file.
type basic struct {
	hashes map[string][]byte // by name
	dummy  []byte            // for names that are not there, so that they take as long

	slots chan struct{} // bounds how many passwords are compared at the same time
	key   []byte        // of what known has

	mu    sync.Mutex
	known map[string][sha256.Size]byte // names, and the sums of their passwords that were right
}

// maxCost is the highest cost of bcrypt. One more makes it take twice as long: 16 is some
// seconds.
const maxCost = 16

// newBasic reads a file of htpasswd, with bcrypt.
func newBasic(file string) (middleware, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the user says which file
	if err != nil {
		return nil, fmt.Errorf("read the passwords of --auth basic: %w", err)
	}
	b := &basic{hashes: map[string][]byte{}, slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)), key: make([]byte, 32), known: map[string][sha256.Size]byte{}}
	_, _ = rand.Read(b.key)
	cost := bcrypt.MinCost
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, hash, ok := strings.Cut(line, ":")
		if !ok || name == "" {
			return nil, usagef("read %s: line %d must be a name, a colon and a bcrypt hash; htpasswd -B makes it", file, n)
		}
		c, err := bcrypt.Cost([]byte(hash))
		if err != nil {
			return nil, usagef("read %s: line %d: the password of %q must be a bcrypt hash; htpasswd -B makes it", file, n, name)
		}
		if c > maxCost {
			return nil, usagef("read %s: line %d: the bcrypt cost of %q is %d, so that each login would take minutes; use at most %d", file, n, name, c, maxCost)
		}
		if _, twice := b.hashes[name]; twice {
			return nil, usagef("read %s: line %d: %q is there twice", file, n, name)
		}
		b.hashes[name], cost = []byte(hash), max(cost, c)
	}
	if err := lines.Err(); err != nil { // those after it would be missing
		return nil, usagef("read %s: a line is too long: %v", file, err)
	}
	if len(b.hashes) == 0 {
		return nil, usagef("read %s: there are no names; htpasswd -B -c %s NAME adds one", file, file)
	}
	if b.dummy, err = bcrypt.GenerateFromPassword(b.key[:16], cost); err != nil {
		return nil, fmt.Errorf("prepare --auth basic: %w", err)
	}
	return b.middleware, nil
}

func (b *basic) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, ok := r.BasicAuth()
		if ok { // otherwise the browser has not asked for them yet
			right, err := b.right(r.Context(), name, password)
			if err != nil { // no password was compared, so no login has failed
				deny(w, http.StatusServiceUnavailable, "The request was cancelled.")
				return
			}
			if right {
				next.ServeHTTP(w, with(r, Person{ID: name}))
				return
			}
			recordLoginFailed(r.Context(), name)
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="activitylog", charset="UTF-8"`)
		deny(w, http.StatusUnauthorized, "A name and a password are needed.")
	})
}

// right reports whether a password is that of a name. Comparing takes bcrypt some time, so
// it is done once for each password that is right. The error is that of ctx, if it ends before
// there is time to compare.
func (b *basic) right(ctx context.Context, name, password string) (bool, error) {
	mac := hmac.New(sha256.New, b.key)
	_, _ = fmt.Fprintf(mac, "%d %s %s", len(name), name, password)
	sum := [sha256.Size]byte(mac.Sum(nil))
	b.mu.Lock()
	before, ok := b.known[name]
	b.mu.Unlock()
	if ok && hmac.Equal(before[:], sum[:]) {
		return true, nil
	}
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	hash, exists := b.hashes[name]
	if !exists {
		hash = b.dummy
	}
	if bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil || !exists {
		return false, nil
	}
	b.mu.Lock()
	b.known[name] = sum
	b.mu.Unlock()
	return true, nil
}
