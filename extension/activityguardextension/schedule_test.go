package activityguardextension

import (
	"container/heap"
	"testing"
	"time"
)

// TestScheduleSpreads: a crowd comes at once to a guard that accepts a fixed number a second. All are
// accepted in little more time than that takes, and few come in vain.
func TestScheduleSpreads(t *testing.T) {
	for name, test := range map[string]struct {
		senders, rate int           // accepted a second
		within        time.Duration // all are accepted
		attempts      float64       // of a sender, on average
	}{
		"few":            {100, 1000, 2 * time.Second, 1.1},
		"ten thousand":   {10_000, 500, 24 * time.Second, 4},
		"a slow machine": {10_000, 100, 120 * time.Second, 7},
		"a fast machine": {10_000, 5_000, 4 * time.Second, 2},
	} {
		t.Run(name, func(t *testing.T) {
			took, attempts := simulate(test.senders, test.rate, (&schedule{}))
			_, before := simulate(test.senders, test.rate, aSecond{})
			t.Logf("%v, %.1f attempts; %.1f if all come after a second", took, attempts, before)
			if took > test.within {
				t.Errorf("all are accepted after %v, want %v", took, test.within)
			}
			if attempts > test.attempts {
				t.Errorf("%.1f attempts of each sender, want at most %v", attempts, test.attempts)
			}
		})
	}
}

// simulate lets senders come within a second to a guard that accepts so many a second, while up to
// mostWaiting others wait. It returns when all are accepted, and how many attempts that took each.
func simulate(senders, rate int, s interface {
	accept(now time.Time)
	wait(now time.Time, most time.Duration) time.Duration
}) (took time.Duration, attempts float64) {
	start := time.Now()
	var due times
	for i := range senders {
		due = append(due, start.Add(time.Second*time.Duration(i)/time.Duration(senders)))
	}
	tries, free := 0, start // free is when all that wait are accepted
	each := time.Second / time.Duration(rate)
	for len(due) > 0 {
		at := heap.Pop(&due).(time.Time)
		tries++
		if free.Before(at) {
			free = at
		}
		if free.Sub(at) < mostWaiting*each {
			free = free.Add(each)
			s.accept(at)
			took = free.Sub(start)
			continue
		}
		// By HTTP the wait is in whole seconds.
		heap.Push(&due, at.Add((s.wait(at, latest) + time.Second - 1).Truncate(time.Second)))
	}
	return took, float64(tries) / float64(senders)
}

// aSecond tells each sender to come again after a second.
type aSecond struct{}

func (aSecond) accept(time.Time) {}

func (aSecond) wait(time.Time, time.Duration) time.Duration { return time.Second }

// times is a heap.
type times []time.Time

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i].Before(t[j]) }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(x any)        { *t = append(*t, x.(time.Time)) }
func (t *times) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

// TestScheduleBounds: nobody is told to come at once, or after the sender has given up.
func TestScheduleBounds(t *testing.T) {
	var s schedule
	now := time.Now()
	least, most := time.Hour, time.Duration(0)
	for range 100_000 {
		wait := s.wait(now, latest)
		least, most = min(least, wait), max(most, wait)
	}
	if least != soonest || most > latest || most < latest/2 {
		t.Errorf("waits of %v to %v, want %v to %v", least, most, soonest, latest)
	}
	for _, most := range []time.Duration{0, soonest, 5 * time.Second} {
		for range 1000 {
			if wait := s.wait(now, most); wait < soonest || wait > max(soonest, most) {
				t.Fatalf("a sender that gives up after %v waits %v", most, wait)
			}
		}
	}
	if wait := s.wait(now.Add(time.Minute), latest); wait != soonest {
		t.Errorf("a minute later a single sender waits %v, want %v", wait, soonest)
	}
}
