package lookup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"go.yaml.in/yaml/v3"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// seen is an Observer that remembers.
type seen struct {
	mu      sync.Mutex
	looked  map[Result]int64
	reloads []error
}

func (s *seen) Looked(_ string, result Result, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looked == nil {
		s.looked = map[Result]int64{}
	}
	s.looked[result] += n
}

func (s *seen) Reloaded(_ string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reloads = append(s.reloads, err)
}

// take returns the results since the last take.
func (s *seen) take() map[Result]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	looked := s.looked
	s.looked = nil
	return looked
}

// parse reads a list of lookups as the Collector does.
func parse(tb testing.TB, text string) []Config {
	tb.Helper()
	var raw map[string]any
	require.NoError(tb, yaml.Unmarshal([]byte(text), &raw))
	var cfg struct {
		Lookups []Config `mapstructure:"lookups"`
	}
	require.NoError(tb, confmap.NewFromStringMap(raw).Unmarshal(&cfg))
	return cfg.Lookups
}

// running is a Lookups that a test has started.
type running struct {
	*Lookups
	seen *seen
	logs *observer.ObservedLogs
}

// run starts lookups, and stops them with the test.
func run(tb testing.TB, cfgs []Config) *running {
	tb.Helper()
	require.NoError(tb, confmap.Validate(Configs(cfgs)))
	core, logs := observer.New(zap.DebugLevel)
	r := &running{seen: &seen{}, logs: logs}
	l, err := New(cfgs, zap.New(core), r.seen)
	require.NoError(tb, err)
	require.NoError(tb, l.Start(context.Background()))
	tb.Cleanup(func() { require.NoError(tb, l.Shutdown(context.Background())) })
	r.Lookups = l
	return r
}

// name returns the activity.actor.name that the actor of an id gets.
func (r *running) name(id any) string { return r.names(id)[0] }

// names does so for a batch.
func (r *running) names(ids ...any) []string {
	maps := make([]pcommon.Map, len(ids))
	for i, id := range ids {
		maps[i] = attributes(map[string]any{"activity.actor.id": id})
	}
	r.Enrich(context.Background(), slices.Values(maps))
	names := make([]string, len(ids))
	for i, m := range maps {
		if v, ok := m.Get("activity.actor.name"); ok {
			names[i] = v.Str()
		}
	}
	return names
}

func attributes(raw map[string]any) pcommon.Map {
	m := pcommon.NewMap()
	if err := m.FromRaw(raw); err != nil {
		panic(err)
	}
	return m
}

// write makes a file of lines.
func write(tb testing.TB, name string, lines ...string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	rewrite(tb, path, lines...)
	return path
}

// rewrite replaces a file as a careful program does.
func rewrite(tb testing.TB, path string, lines ...string) {
	tb.Helper()
	fresh := path + ".new"
	require.NoError(tb, os.WriteFile(fresh, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	require.NoError(tb, os.Rename(fresh, path))
}

// usersFile is the configuration of a file of users.
func usersFile(path string) string {
	return fmt.Sprintf(`
lookups:
  - name: users
    key: activity.actor.id
    set: {activity.actor.name: name, activity.tenant.id: tenant}
    file: {path: %q, key_columns: id, reload_interval: 10ms}
`, path)
}

// eventually waits for what happens in the background.
func eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	require.Eventually(tb, is, 10*time.Second, 5*time.Millisecond, what)
}
