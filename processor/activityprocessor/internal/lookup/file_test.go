package lookup

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"
)

func TestFormats(t *testing.T) {
	for name, lines := range map[string][]string{
		"users.csv": {"\xef\xbb\xbfid,email,name,tenant", "42,a@example.com,Alice,acme", `43,,"Bob, the ""builder""",`, " 44 ,,  ,x"},
		"users.json": {`[{"id": 42, "name": "Alice", "tenant": "acme", "more": {"a": [1]}},`, `{"id": "43", "name": "Bob, the \"builder\"", "tenant": null},`,
			`{"id": 44.0, "tenant": "x"}]`},
		"users.jsonl": {`{"id": "42", "name": "Alice", "tenant": "acme"}`, `{"id": "43", "name": "Bob, the \"builder\""}`, `{"id": "44", "tenant": "x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, parse(t, usersFile(write(t, name, lines...))))
			for _, test := range []struct{ in, want map[string]any }{
				{map[string]any{"activity.actor.id": "42"}, map[string]any{"activity.actor.id": "42", "activity.actor.name": "Alice", "activity.tenant.id": "acme"}},
				{map[string]any{"activity.actor.id": 42}, map[string]any{"activity.actor.id": int64(42), "activity.actor.name": "Alice", "activity.tenant.id": "acme"}},
				{map[string]any{"activity.actor.id": "43"}, map[string]any{"activity.actor.id": "43", "activity.actor.name": `Bob, the "builder"`}},
				{map[string]any{"activity.actor.id": "44"}, map[string]any{"activity.actor.id": "44", "activity.tenant.id": "x"}},
				{map[string]any{"activity.actor.id": "42", "activity.actor.name": "A.", "activity.tenant.id": " "},
					map[string]any{"activity.actor.id": "42", "activity.actor.name": "A.", "activity.tenant.id": "acme"}},
				{map[string]any{"activity.actor.id": "99"}, map[string]any{"activity.actor.id": "99"}},
				{map[string]any{"activity.actor.id": " "}, map[string]any{"activity.actor.id": " "}},
				{map[string]any{"other": true}, map[string]any{"other": true}},
			} {
				attrs := attributes(test.in)
				r.Enrich(context.Background(), slices.Values([]pcommon.Map{attrs}))
				assert.Equal(t, test.want, attrs.AsRaw())
			}
			assert.Equal(t, map[Result]int64{Hit: 5, Negative: 1}, r.seen.take())
			r.Entries(func(name string, n int) { assert.Equal(t, "users", name); assert.Equal(t, 3, n) })
		})
	}
}

func TestOverwriteAndChain(t *testing.T) {
	users := write(t, "users.csv", "org,login,id,shown", "acme,alice,42,Alice", "beta,alice,43,Other Alice")
	tenants := write(t, "tenants.csv", "id,name", "acme,Acme Ltd")
	r := run(t, parse(t, `
lookups:
  - name: users
    key: [activity.tenant.id, user.name]
    set: {activity.actor.id: id, activity.actor.name: shown, user.name: shown}
    overwrite: true
    file: {path: "`+users+`", key_columns: [org, login]}
  - name: tenants
    key: activity.tenant.id
    set: {tenant.name: name}
    file: {path: "`+tenants+`", key_columns: id}
`))
	attrs := attributes(map[string]any{"activity.tenant.id": "acme", "user.name": "alice", "activity.actor.name": "old", "activity.actor.id": "old"})
	r.Enrich(context.Background(), slices.Values([]pcommon.Map{attrs}))
	assert.Equal(t, map[string]any{"activity.tenant.id": "acme", "user.name": "Alice", "activity.actor.id": "42",
		"activity.actor.name": "Alice", "tenant.name": "Acme Ltd"}, attrs.AsRaw())
}

func TestBrokenFile(t *testing.T) {
	for _, test := range []struct {
		name, file, want string
		lines            []string
	}{
		{"empty", "u.csv", "u.csv:1: read the line with the names", nil},
		{"no column", "u.csv", `u.csv:1: no column "tenant"; there are: id, name`, []string{"id,name", "42,Alice"}},
		{"no key column", "u.csv", `u.csv:1: no column "id"; there are: name, tenant`, []string{"name,tenant"}},
		{"duplicate", "u.csv", "u.csv:4: an earlier record has the same key", []string{"id,name,tenant", "1,a,x", "2,b,x", "1,c,x"}},
		{"too few fields", "u.csv", "u.csv:3: wrong number of fields", []string{"id,name,tenant", "1,a,x", "2,b"}},
		{"quotes", "u.csv", "u.csv:3: ", []string{"id,name,tenant", "1,a,x", `2,b"c"d,x`}},
		{"blank key", "u.csv", `u.csv:3: the key is blank: column "id"`, []string{"id,name,tenant", "1,a,x", " ,b,x"}},
		{"latin 1", "u.csv", `u.csv:2: column "name" is not UTF-8`, []string{"id,name,tenant", "1,Andr\xe9,x"}},
		{"no array", "u.json", "u.json:1: must be an array of objects", []string{`{"id": "1"}`}},
		{"no object", "u.json", "u.json:2: ", []string{`[{"id": "1", "name": "a", "tenant": "x"},`, `"Alice"]`}},
		{"syntax", "u.json", "u.json:3: ", []string{`[{"id": "1", "name": "a", "tenant": "x"},`, `{"id": "2", "name": "a", "tenant": "x"},`, `{"id": "3" "name": "a"}]`}},
		{"unfinished", "u.json", "u.json:1: the array does not end: EOF", []string{`[{"id": "1", "name": "a", "tenant": "x"}`, ``}},
		{"more behind it", "u.json", "u.json:2: there is more after the array", []string{`[{"id": "1", "name": "a", "tenant": "x"}]`, `[]`}},
		{"nested", "u.json", `u.json:2: member "name": must be a text, a number or a boolean`, []string{`[{"id": "1", "name": "a", "tenant": "x"},`, `{"id": "2", "name": {"first": "b"}}]`}},
		{"duplicate member", "u.json", "u.json:3: an earlier record has the same key", []string{`[{"id": "1", "name": "a", "tenant": "x"},`, `{"id": "2"},`, `{"id": 1}]`}},
		{"no such member", "u.jsonl", `u.jsonl:1: no object has a member "tenant"`, []string{`{"id": "1", "name": "a"}`}},
		{"no key member", "u.jsonl", `u.jsonl:2: the key is blank: column "id"`, []string{`{"id": "1", "name": "a", "tenant": "x"}`, `{"name": "a"}`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, test.file, test.lines...)
			if test.lines == nil {
				require.NoError(t, os.Truncate(path, 0))
			}
			err := startError(t, path)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, `start lookup "users": read lookup file `)
		})
	}
	t.Run("not there", func(t *testing.T) {
		require.ErrorContains(t, startError(t, "/nowhere/users.csv"), "check lookup file: stat /nowhere/users.csv")
	})
	t.Run("too large", func(t *testing.T) {
		cfgs := parse(t, usersFile(write(t, "users.csv", "id,name,tenant", "1,a,x")))
		cfgs[0].File.MaxBytes = 10
		l, err := New(cfgs, zap.NewNop(), &seen{})
		require.NoError(t, err)
		require.ErrorContains(t, l.Start(context.Background()), "it has 21 bytes; file.max_bytes allows 10")
	})
}

func startError(t *testing.T, path string) error {
	t.Helper()
	l, err := New(parse(t, usersFile(path)), zap.NewNop(), &seen{})
	require.NoError(t, err)
	return l.Start(context.Background())
}

func TestStartFailsAfterAnother(t *testing.T) {
	cfgs := append(parse(t, usersFile(write(t, "good.csv", "id,name,tenant"))), parse(t, usersFile("/nowhere.csv"))...)
	l, err := New(cfgs, zap.NewNop(), &seen{})
	require.NoError(t, err)
	require.ErrorContains(t, l.Start(context.Background()), `start lookup "users": `)
	// goleak sees whether the first was stopped
}

func TestReload(t *testing.T) {
	path := write(t, "users.csv", "id,name,tenant", "42,Alice,acme")
	r := run(t, parse(t, usersFile(path)))
	require.Equal(t, "Alice", r.name("42"))

	rewrite(t, path, "id,name,tenant", "42,Alice Liddell,acme", "43,Bob,acme")
	eventually(t, "the new file", func() bool { return r.name("43") == "Bob" })
	assert.Equal(t, "Alice Liddell", r.name("42"))
	reloads := func() int { r.seen.mu.Lock(); defer r.seen.mu.Unlock(); return len(r.seen.reloads) }
	time.Sleep(50 * time.Millisecond)
	assert.Equal(t, 1, reloads(), "it is not read again")

	rewrite(t, path, "id,name,tenant", "42,Broken")
	eventually(t, "the broken file", func() bool { return reloads() == 2 })
	time.Sleep(50 * time.Millisecond)
	assert.Equal(t, 2, reloads(), "nor is the broken one")
	assert.Equal(t, "Alice Liddell", r.name("42"))
	require.NoError(t, os.Remove(path))
	eventually(t, "no file", func() bool { return reloads() > 3 })
	assert.Equal(t, "Bob", r.name("43"))
	require.Equal(t, 1, r.logs.Len(), "one warning a minute")
	warning := r.logs.All()[0]
	assert.Equal(t, "The lookup file cannot be read; what was read before is still used.", warning.Message)
	assert.Contains(t, warning.ContextMap()["error"], "users.csv:2: wrong number of fields")
	assert.Equal(t, "users", warning.ContextMap()["lookup"])

	rewrite(t, path, "id,name,tenant", "42,A. L.,acme")
	eventually(t, "the repaired file", func() bool { return r.name("42") == "A. L." })
	assert.Empty(t, r.name("43"))
	r.seen.mu.Lock()
	defer r.seen.mu.Unlock()
	require.NoError(t, r.seen.reloads[0])
	require.ErrorContains(t, r.seen.reloads[1], "users.csv:2: wrong number of fields")
	require.ErrorContains(t, r.seen.reloads[2], "check lookup file")
	assert.NoError(t, r.seen.reloads[len(r.seen.reloads)-1])
}
