package join

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Requests gives the server span of a request the user that a span within the request
// names, and returns how many got one. The way up is along the chain of parents, through
// internal spans of the same process, to the nearest server span. A span that is an
// activity, or names somebody or nobody itself, gets no user. If spans within the request
// name several users, the server span gets none.
func (j *Joiner) Requests(td ptrace.Traces) (joined int) {
	if !j.cfg.Enabled {
		return 0
	}
	known := j.pending()
	wanted := j.concerned(td, known)
	if len(wanted) == 0 {
		return 0
	}
	b := ascentOf(td, j, wanted)
	j.mu.Lock()
	defer j.mu.Unlock()
	if known {
		b.recall(j.below)
	}
	for i := range b.spans {
		if one := &b.spans[i]; one.names {
			b.climb(one.parentPlace(), found{attrs: one.attrs, id: userID(one.attrs)})
		}
	}
	if j.cfg.Window > 0 {
		b.remember(j)
	}
	return b.give()
}

// pending reports whether earlier batches had spans with a user whose request has not
// arrived yet.
func (j *Joiner) pending() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.below.len() == 0 {
		return false
	}
	j.below.age(j.now())
	return j.below.len() > 0
}

// concerned returns the traces in which a span within a request names a user, or goes on
// from one in an earlier batch. Usually there are none.
func (j *Joiner) concerned(td ptrace.Traces, known bool) (traces map[pcommon.TraceID]bool) {
	for _, rs := range td.ResourceSpans().All() {
		var service uint64
		if known {
			service = record.ProcessOf(j.seed, rs.Resource())
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if isInner(span) && namesUser(span.Attributes()) || known && j.goesOn(span, service) {
					if traces == nil {
						traces = map[pcommon.TraceID]bool{}
					}
					traces[span.TraceID()] = true
				}
			}
		}
	}
	return traces
}

// goesOn reports whether a span of an earlier batch has a user and this one as its parent.
func (j *Joiner) goesOn(span ptrace.Span, service uint64) bool {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.below.find(place{span.TraceID(), service, span.SpanID()}) != nil
}

// isInner reports whether a span is within the process of a request, and not a call to
// somebody else.
func isInner(span ptrace.Span) bool {
	return span.Kind() <= ptrace.SpanKindInternal && !record.HasRemoteParent(span) ||
		span.Kind() == ptrace.SpanKindServer && record.HasLocalParent(span)
}

// namesUser reports whether a span that is not an activity names a user by the attributes
// of the semantic conventions. The actor of an activity need not be the request's user.
func namesUser(attrs pcommon.Map) bool {
	for key := range attrs.All() {
		if key == "user.id" || key == "enduser.id" {
			return userID(attrs) != "" && !hasActor(attrs)
		}
	}
	return false
}

// hasActor reports whether attributes are of an activity, or name an actor.
func hasActor(attrs pcommon.Map) bool {
	for key := range attrs.All() {
		if key == activity.ActionTypeKey || strings.HasPrefix(key, "activity.actor.") {
			return true
		}
	}
	return false
}

// userID returns the id of the user that attributes name, or "".
func userID(attrs pcommon.Map) string {
	for _, key := range [...]string{"user.id", "enduser.id"} {
		if v, ok := attrs.Get(key); ok {
			if id := record.UserID(v); id != "" {
				return id
			}
		}
	}
	return ""
}

// isNamed reports whether key belongs to a user by the semantic conventions.
func isNamed(key string) bool { return isUser(key) && !strings.HasPrefix(key, "activity.") }

// inner is a span of a batch on the way from spans with a user up to their request.
type inner struct {
	place
	parent pcommon.SpanID
	kind   ptrace.SpanKind
	inner  bool
	names  bool
	attrs  pcommon.Map

	user found // of a server span, below it
}

func (i *inner) parentPlace() place { return place{i.trace, i.service, i.parent} }

// found is the user that was found below a place.
type found struct {
	attrs   pcommon.Map
	id      string
	several bool // users with different ids
}

func (f *found) add(other found) {
	if f.id == "" {
		*f = other
		return
	}
	f.several = f.several || other.several || f.id != other.id
}

// ascent is the way up in a batch: the spans of the traces that are concerned, by place.
type ascent struct {
	spans []inner
	index map[place]int // -1 if several spans have the place
	lost  map[place]*found
}

// spansOfRequest is how many spans of a request a batch is expected to have.
const spansOfRequest = 16

func ascentOf(td ptrace.Traces, j *Joiner, wanted map[pcommon.TraceID]bool) *ascent {
	room := min(td.SpanCount(), spansOfRequest*len(wanted))
	b := &ascent{spans: make([]inner, 0, room), index: make(map[place]int, room), lost: map[place]*found{}}
	for _, rs := range td.ResourceSpans().All() {
		service := record.ProcessOf(j.seed, rs.Resource())
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if wanted[span.TraceID()] {
					b.add(span, service)
				}
			}
		}
	}
	return b
}

func (b *ascent) add(span ptrace.Span, service uint64) {
	if span.TraceID().IsEmpty() || span.SpanID().IsEmpty() {
		return
	}
	one := inner{
		place: place{span.TraceID(), service, span.SpanID()}, parent: span.ParentSpanID(), kind: span.Kind(), attrs: span.Attributes(),
	}
	one.inner = isInner(span) && !one.parent.IsEmpty()
	one.names = one.inner && namesUser(one.attrs)
	if _, twice := b.index[one.place]; twice {
		b.index[one.place] = -1 // client and server share an id, as with Zipkin: which is the parent?
	} else {
		b.index[one.place] = len(b.spans)
	}
	b.spans = append(b.spans, one)
}

// climb takes a user from a place up to the request, and on if that is within another
// server span of the process. If the chain of parents leaves the batch, it notes where.
func (b *ascent) climb(p place, user found) {
	for range len(b.spans) + 1 { // spans can be ancestors of each other
		i, here := b.index[p]
		switch {
		case !here:
			if b.lost[p] == nil {
				b.lost[p] = &found{}
			}
			b.lost[p].add(user)
			return
		case i < 0:
			return
		case b.spans[i].kind == ptrace.SpanKindServer:
			b.spans[i].user.add(user)
		}
		if !b.spans[i].inner {
			return
		}
		p = b.spans[i].parentPlace()
	}
}

// recall takes up the users of earlier batches whose chain of parents goes on in this one.
func (b *ascent) recall(below *memory) {
	for i := range b.spans {
		if u := below.find(b.spans[i].place); u != nil {
			b.climb(b.spans[i].place, foundOf(u))
		}
	}
}

// several is remembered for users with different ids.
var several = &user{attrs: pcommon.NewMap()}

func foundOf(u *user) found {
	if u == several {
		return found{attrs: u.attrs, id: "several", several: true}
	}
	return found{attrs: u.attrs, id: userID(u.attrs)}
}

// remember keeps the users whose request is not in the batch.
func (b *ascent) remember(j *Joiner) {
	if len(b.lost) == 0 {
		return
	}
	now := j.now()
	j.below.age(now)
	for p, f := range b.lost {
		if u := j.below.find(p); u != nil {
			f.add(foundOf(u))
		}
		u := several
		if !f.several {
			u = j.below.intern(f.attrs, j.seed)
		}
		if u != nil {
			j.below.put(p, u, false, now)
		}
	}
}

// give gives the server spans their users.
func (b *ascent) give() (joined int) {
	for i := range b.spans {
		one := &b.spans[i]
		if one.user.id == "" || one.user.several || claimOf(one.attrs) != nothing {
			continue
		}
		if _, is := one.attrs.Get(activity.ActionTypeKey); is {
			continue
		}
		give(one.user.attrs, one.attrs, isNamed)
		joined++
	}
	return joined
}
