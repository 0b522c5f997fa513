package join

import (
	"hash/maphash"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// place is where a span is: in a trace, and in a process of a service, which is 0
// when services are not distinguished.
type place struct {
	trace   pcommon.TraceID
	service uint64
	span    pcommon.SpanID
}

// root is the place of the trace's root, whatever its id: no span has an empty id.
func (p place) root() place { return place{trace: p.trace, service: p.service} }

// memory remembers the users of spans, in two generations: when the younger one is full
// or as old as the window, it replaces the older one. So no list by time of use is
// needed: a span takes a third of the time of golang-lru's simplelru. Only find is safe
// for concurrent use.
type memory struct {
	window time.Duration
	limit  int // of a generation
	young  generation
	old    generation
	since  time.Time // when young began
}

// generation stores each user once, even if many spans have it.
type generation struct {
	spans map[place]*user
	users map[uint64]*user
}

func newGeneration() generation {
	return generation{spans: make(map[place]*user), users: make(map[uint64]*user)}
}

func (g *generation) clear() {
	clear(g.spans)
	clear(g.users)
}

func newMemory(cfg *Config) *memory {
	return &memory{window: time.Duration(cfg.Window), limit: int(cfg.MaxSpans) / 2, young: newGeneration(), old: newGeneration()}
}

// find returns the user of the span at p, or nil.
func (m *memory) find(p place) *user {
	if u, ok := m.young.spans[p]; ok {
		return u
	}
	return m.old.spans[p]
}

func (m *memory) len() int { return len(m.young.spans) + len(m.old.spans) }

// age forgets what is too old.
func (m *memory) age(now time.Time) {
	age := now.Sub(m.since)
	if age < m.window {
		return
	}
	m.turn(now)
	if age >= 2*m.window {
		m.old.clear()
	}
}

func (m *memory) turn(now time.Time) {
	m.old.clear()
	m.young, m.old = m.old, m.young
	m.since = now
}

// put remembers the user of the span at p, and also as the user of the trace's root if
// root is set.
func (m *memory) put(p place, u *user, root bool, now time.Time) {
	if len(m.young.spans)+2 > m.limit {
		m.turn(now)
	}
	m.young.spans[p] = u
	if root {
		m.young.spans[p.root()] = u
	}
}

// intern returns the stored copy of the user in the attributes.
func (m *memory) intern(attrs pcommon.Map, seed maphash.Seed) *user {
	h := hashUser(seed, attrs)
	for _, g := range [...]*generation{&m.young, &m.old} {
		if u, ok := g.users[h]; ok && u.is(attrs) {
			m.young.users[h] = u
			return u
		}
	}
	u := newUser(attrs)
	if u != nil {
		m.young.users[h] = u
	}
	return u
}
