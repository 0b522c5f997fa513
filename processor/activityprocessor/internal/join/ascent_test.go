package join

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUserOfARequest(t *testing.T) {
	remote := uint32(0x300) // known, and remote
	local := uint32(0x100)  // known, and not remote
	bob := map[string]any{"user.id": "7", "user.name": "bob"}
	for _, test := range []struct {
		name  string
		spans []spec
		want  string // the user of the span a, if it got one
	}{
		{"of a child", []spec{{id: "b", parent: "a", attrs: alice}, {id: "a", kind: server}}, "42"},
		{"of a child that comes later", []spec{{id: "a", kind: server}, {id: "b", parent: "a", kind: internal, attrs: alice}}, "42"},
		{"of a grandchild", []spec{{id: "c", parent: "b", attrs: alice}, {id: "b", parent: "a", kind: internal}, {id: "a", kind: server}}, "42"},
		{"by enduser.id", []spec{{id: "b", parent: "a", attrs: map[string]any{"enduser.id": 42}}, {id: "a", kind: server}}, "42"},
		{"the same user twice", []spec{
			{id: "b", parent: "a", attrs: alice}, {id: "c", parent: "a", attrs: map[string]any{"user.id": 42}}, {id: "a", kind: server},
		}, "42"},
		{"two users", []spec{{id: "b", parent: "a", attrs: alice}, {id: "c", parent: "b", attrs: bob}, {id: "a", kind: server}}, ""},
		{"a user and a system", []spec{
			{id: "b", parent: "a", attrs: map[string]any{"user.id": "7", "activity.actor.type": "system"}}, {id: "c", parent: "a", attrs: alice}, {id: "a", kind: server},
		}, "42"},
		{"a name alone", []spec{{id: "b", parent: "a", attrs: map[string]any{"user.name": "alice"}}, {id: "a", kind: server}}, ""},
		{"a blank id", []spec{{id: "b", parent: "a", attrs: map[string]any{"user.id": " "}}, {id: "a", kind: server}}, ""},
		{"of a call to somebody else", []spec{{id: "b", parent: "a", kind: client, attrs: alice}, {id: "a", kind: server}}, ""},
		{"below a call to somebody else", []spec{
			{id: "c", parent: "b", attrs: alice}, {id: "b", parent: "a", kind: client}, {id: "a", kind: server},
		}, ""},
		{"of a message", []spec{{id: "b", parent: "a", kind: consumer, attrs: alice}, {id: "a", kind: server}}, ""},
		{"of another process, by the flags", []spec{{id: "b", parent: "a", flags: remote, attrs: alice}, {id: "a", kind: server}}, ""},
		{"through another process, by the flags", []spec{
			{id: "c", parent: "b", attrs: alice}, {id: "b", parent: "a", flags: remote}, {id: "a", kind: server},
		}, ""},
		{"of another service", []spec{{id: "b", parent: "a", service: "mail", attrs: alice}, {id: "a", kind: server}}, ""},
		{"of another trace", []spec{{id: "b", parent: "a", trace: 9, attrs: alice}, {id: "a", kind: server}}, ""},
		{"of a request within the request", []spec{
			{id: "c", parent: "b", attrs: alice}, {id: "b", parent: "a", kind: server}, {id: "a", kind: server},
		}, ""},
		{"through a server span of the same process, as Next.js has it", []spec{
			{id: "c", parent: "b", attrs: alice}, {id: "b", parent: "a", kind: server, flags: local}, {id: "a", kind: server, flags: local},
		}, "42"},
		{"of a server span of the same process", []spec{
			{id: "b", parent: "a", kind: server, flags: local, attrs: alice}, {id: "a", kind: server},
		}, "42"},
		{"below a server span of the same process and beside it, two users", []spec{
			{id: "c", parent: "b", attrs: alice}, {id: "b", parent: "a", kind: server, flags: local}, {id: "d", parent: "a", attrs: bob}, {id: "a", kind: server},
		}, ""},
		{"the request names one itself", []spec{{id: "b", parent: "a", attrs: alice}, {id: "a", kind: server, attrs: bob}}, "7"},
		{"the request is anonymous", []spec{
			{id: "b", parent: "a", attrs: alice}, {id: "a", kind: server, attrs: map[string]any{"activity.actor.type": "anonymous"}},
		}, ""},
		{"the request is declared", []spec{
			{id: "b", parent: "a", attrs: alice}, {id: "a", kind: server, attrs: map[string]any{"activity.action.type": "Update"}},
		}, ""},
		{"of a declared activity", []spec{
			{id: "b", parent: "a", attrs: map[string]any{"activity.action.type": "Update", "user.id": "42"}}, {id: "a", kind: server},
		}, ""},
		{"no parent", []spec{{id: "b", attrs: alice}, {id: "a", kind: server}}, ""},
		{"ancestors of each other", []spec{
			{id: "b", parent: "c", attrs: alice}, {id: "c", parent: "b"}, {id: "s", parent: "s", attrs: alice}, {id: "a", kind: server},
		}, ""},
		{"client and server share an id", []spec{
			{id: "a", kind: server}, {id: "a", kind: client}, {id: "b", parent: "a", attrs: alice},
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			j, _ := newTest(DefaultConfig())
			td := traces(t, test.spans...)
			before := len(usersOf(td))
			joined := j.Requests(td)
			assert.Equal(t, test.want, usersOf(td)["a"]+endUserOf(td))
			if test.name != "by enduser.id" {
				assert.Equal(t, len(usersOf(td))-before, joined)
			}
		})
	}
}

// Only what names the user is taken up: the child's tenant and role need not be those of
// the request.
func TestWhatIsTakenUp(t *testing.T) {
	j, _ := newTest(DefaultConfig())
	td := traces(t, spec{id: "a", kind: server, attrs: map[string]any{"user.email": "alice@example.com"}}, spec{id: "b", parent: "a", attrs: map[string]any{
		"user.id": int64(42), "user.name": "alice", "user.email": "a@example.com", "enduser.role": "admin", "activity.tenant.id": "acme", "http.route": "/x", "session.id": "s",
	}})
	require.Equal(t, 1, j.Requests(td))
	assert.Equal(t, map[string]any{"user.id": int64(42), "user.name": "alice", "user.email": "alice@example.com", "enduser.role": "admin"},
		td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().AsRaw())
}

func TestUserOfARequestInLaterBatches(t *testing.T) {
	child := func() spec { return spec{id: "c", parent: "b", attrs: alice} }
	middle, request := spec{id: "b", parent: "a", kind: internal}, spec{id: "a", kind: server}
	bob := map[string]any{"user.id": "7"}

	t.Run("one after the other", func(t *testing.T) {
		j, now := newTest(DefaultConfig())
		for _, one := range []spec{child(), middle} {
			assert.Zero(t, j.Requests(traces(t, one)))
			now.Time = now.Add(9 * time.Second)
		}
		for range 2 { // a sender may send it again
			td := traces(t, request)
			assert.Equal(t, 1, j.Requests(td))
			assert.Equal(t, "42", usersOf(td)["a"])
		}
	})
	t.Run("together", func(t *testing.T) {
		j, _ := newTest(DefaultConfig())
		j.Requests(traces(t, child()))
		assert.Equal(t, 1, j.Requests(traces(t, middle, request)))
	})
	t.Run("sent twice", func(t *testing.T) {
		j, _ := newTest(DefaultConfig())
		j.Requests(traces(t, child()))
		j.Requests(traces(t, child()))
		assert.Equal(t, 1, j.Requests(traces(t, middle, request)))
	})
	t.Run("two users", func(t *testing.T) {
		j, _ := newTest(DefaultConfig())
		j.Requests(traces(t, child()))
		j.Requests(traces(t, spec{id: "d", parent: "b", attrs: bob}))
		j.Requests(traces(t, child()))
		assert.Zero(t, j.Requests(traces(t, middle, request)))
	})
	t.Run("two users on two ways", func(t *testing.T) {
		j, _ := newTest(DefaultConfig())
		j.Requests(traces(t, child()))
		assert.Zero(t, j.Requests(traces(t, middle, request, spec{id: "d", parent: "a", attrs: bob})))
	})
	t.Run("the request came before", func(t *testing.T) {
		j, _ := newTest(DefaultConfig())
		j.Requests(traces(t, request))
		assert.Zero(t, j.Requests(traces(t, spec{id: "c", parent: "a", attrs: alice})))
	})
	t.Run("the same ids in another service", func(t *testing.T) {
		j, _ := newTest(DefaultConfig())
		j.Requests(traces(t, child()))
		assert.Zero(t, j.Requests(traces(t, middle, spec{id: "b", parent: "a", service: "mail"}, spec{id: "a", kind: server, service: "mail"})))
	})
	t.Run("a call between them", func(t *testing.T) {
		j, _ := newTest(DefaultConfig())
		j.Requests(traces(t, child()))
		assert.Zero(t, j.Requests(traces(t, spec{id: "b", parent: "a", kind: client}, request)))
	})
	t.Run("after the window", func(t *testing.T) {
		j, now := newTest(DefaultConfig())
		j.Requests(traces(t, child()))
		assert.Equal(t, 1, j.Remembered())
		now.Time = now.Add(21 * time.Second)
		assert.Zero(t, j.Requests(traces(t, middle, request)))
		assert.Zero(t, j.Remembered())
	})
	t.Run("within a batch alone", func(t *testing.T) {
		j, _ := newTest(configured(func(c *Config) { c.Window = 0 }))
		j.Requests(traces(t, child()))
		assert.Zero(t, j.Remembered())
		assert.Equal(t, 1, j.Requests(traces(t, child(), middle, request)))
	})
	t.Run("disabled", func(t *testing.T) {
		j, _ := newTest(configured(func(c *Config) { c.Enabled = false }))
		assert.Zero(t, j.Requests(traces(t, child(), middle, request)))
	})
	t.Run("across services too", func(t *testing.T) {
		j, _ := newTest(configured(func(c *Config) { c.AcrossServices = true }))
		assert.Zero(t, j.Requests(traces(t, spec{id: "b", parent: "a", service: "mail", attrs: alice}, request)), "the process counts all the same")
		assert.Equal(t, 1, j.Requests(traces(t, child(), middle, request)))
	})
}
