package activityguardextension

import (
	"math/rand/v2"
	"sync"
	"time"
)

// schedule says when a rejected sender may come again. If all were told the same time, thousands of
// them would come at once, again and again, and reading what is then rejected would take the time in
// which other requests could be processed. So it spreads them over the time that accepting them takes.
// It is safe for concurrent use.
type schedule struct {
	mu       sync.Mutex
	next     time.Time // by when those that were rejected so far can be accepted
	began    time.Time // of the counting
	accepted float64   // requests since then
	rate     float64   // how many can be accepted in a second, by what was before that
}

const (
	soonest = time.Second
	// latest is for senders that keep what they have. Some SDKs give up after 10 s: docs/operate/scale.md.
	latest = 30 * time.Second
	// leastRate is how many senders may come in a second even if fewer are accepted: so few cost
	// little, and after an outage nobody knows yet how many will be.
	leastRate = 200
	// overbooked is by how much more senders are told to come than are accepted: not all do.
	overbooked = 1.5
)

// accept counts an accepted request.
func (s *schedule) accept(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(now)
	s.accepted++
}

// turn begins to count anew after each second.
func (s *schedule) turn(now time.Time) {
	switch since := now.Sub(s.began); {
	case since >= 10*time.Second: // long ago, or never
		s.began, s.accepted, s.rate = now, 0, 0
	case since >= time.Second:
		// The most of a second, which is soon forgotten: when few come, few can be accepted.
		s.rate = max(s.accepted/since.Seconds(), s.rate*0.9)
		s.began, s.accepted = now, 0
	}
}

// wait returns for how long a sender shall wait whose request was rejected now: from soonest to latest,
// or to most, after which the sender gives up. Who has less time comes before its turn, since it would
// not come at all otherwise.
func (s *schedule) wait(now time.Time, most time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(now)
	lately := s.accepted / max(0.25, now.Sub(s.began).Seconds())
	gap := time.Duration(float64(time.Second) / (overbooked * max(leastRate, s.rate, lately)))
	next := s.next.Add(gap)
	if earliest := now.Add(soonest); next.Before(earliest) {
		next = earliest
	}
	// Each second is given at random, and not to those that came one after the other: otherwise they
	// would come so again, since they wait for whole seconds.
	wait := next.Sub(now)
	if wait <= latest/2 {
		s.next = next
	}
	wait = min(latest, soonest+rand.N(2*(wait-soonest)+1)) //nolint:gosec // nobody gains by knowing it
	if wait > most {
		wait = soonest + rand.N(max(0, most-soonest)+1) //nolint:gosec // nobody gains by knowing it
	}
	return wait
}
