package spool

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestOnlyWhatIsRefusedIsDropped(t *testing.T) {
	modes(t, func(t *testing.T, opts ...Option) {
		e := &fakeExporter{}
		bad := []string{"activity 7", "activity 8", "activity 31"}
		e.sets(func(names []string) error {
			for _, b := range bad {
				if slices.Contains(names, b) {
					return errRefused
				}
			}
			return nil
		})
		var dropped []string
		s, l := quick(t, e, append(opts, WithDropped(func(d Drop) {
			if d.Reason != Refused || d.Count != 1 || !errors.Is(d.Err, errRefused) {
				t.Errorf("dropped: %+v", d)
			}
			dropped = append(dropped, d.Records[0].Body().AsString())
		}))...)
		emit(l, names(1, 40)...)
		flush(t, s)
		want := slices.DeleteFunc(names(1, 40), func(n string) bool { return slices.Contains(bad, n) })
		got := e.names()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || !slices.Equal(dropped, bad) {
			t.Errorf("sent %q\ndropped %q", got, dropped)
		}
	})
}

func TestServerThatRefusesEverything(t *testing.T) {
	modes(t, func(t *testing.T, opts ...Option) {
		e := &fakeExporter{}
		s, l := quick(t, e, append(opts, WithDropped(func(d Drop) {
			if d.Reason != Shutdown {
				t.Errorf("dropped: %+v", d)
			}
		}))...)
		emit(l, names(1, 20)...)
		flush(t, s)
		e.sets(func([]string) error { return errRefused })
		emit(l, names(21, 70)...)
		time.Sleep(200 * time.Millisecond)
		if n := e.tries(); n > 400 {
			t.Errorf("%d tries in 200 ms", n)
		}
		e.sets(nil)
		flush(t, s)
		got := e.names()
		slices.Sort(got)
		want := names(1, 70)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%d sent: %q", len(got), got)
		}
	})
}

func TestRefusedBatchGoesWhenOthersAreTaken(t *testing.T) {
	e := &fakeExporter{}
	e.sets(func(names []string) error {
		for _, n := range names {
			if strings.HasPrefix(n, "bad") {
				return errRefused
			}
		}
		return nil
	})
	var mu sync.Mutex
	dropped := 0
	s, l := quick(t, e, WithDropped(func(d Drop) {
		mu.Lock()
		defer mu.Unlock()
		dropped += d.Count
	}))
	emit(l, "bad 1", "bad 2", "bad 3")
	time.Sleep(50 * time.Millisecond)
	if st := s.Stats(); st.Queued != 3 {
		t.Errorf("stats %+v, want three that wait", st)
	}
	emit(l, "good")
	flush(t, s)
	mu.Lock()
	defer mu.Unlock()
	if got := e.names(); len(got) != 1 || dropped != 3 {
		t.Errorf("sent %q, %d dropped", got, dropped)
	}
}

func TestUnclearFailureHoldsNobodyUp(t *testing.T) {
	modes(t, func(t *testing.T, opts ...Option) {
		e := &fakeExporter{}
		e.sets(func(names []string) error {
			if slices.Contains(names, "activity 5") {
				return errUnclear
			}
			return nil
		})
		s, l := quick(t, e, opts...)
		emit(l, names(1, 100)...)
		deadline := time.Now().Add(5 * time.Second)
		for len(e.names()) < 99 && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond)
		}
		if n := len(e.names()); n != 99 {
			t.Fatalf("%d of the 99 others were sent", n)
		}
		if st := s.Stats(); st.Queued != 1 {
			t.Errorf("stats %+v, want the one that fails", st)
		}
		e.sets(nil)
		flush(t, s)
		if !slices.Contains(e.names(), "activity 5") {
			t.Error("it was not sent when that was possible")
		}
	})
}

// TestUnclearFailureAmongOthersHoldsNobodyUp has other activities come all the
// time, each of which is taken. Those that came together with the one at fault
// must get through all the same.
func TestUnclearFailureAmongOthersHoldsNobodyUp(t *testing.T) {
	modes(t, func(t *testing.T, opts ...Option) {
		e := &fakeExporter{}
		e.sets(func(names []string) error {
			if slices.Contains(names, "activity 5") {
				return errUnclear
			}
			return nil
		})
		s, l := quick(t, e, opts...)
		emit(l, names(1, 20)...)
		next := 21
		for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			emit(l, names(next, next)...)
			next++
			if s.Stats().Queued == 1 && len(e.names()) == next-2 {
				break
			}
		}
		sent := e.names()
		missing := slices.DeleteFunc(names(1, 20), func(n string) bool { return slices.Contains(sent, n) })
		if len(missing) != 1 || missing[0] != "activity 5" {
			t.Errorf("%d activities later, not sent: %q", next-21, missing)
		}
		e.sets(nil)
		flush(t, s)
	})
}

func TestExporterThatPanicsOrHangs(t *testing.T) {
	e := &fakeExporter{}
	n := 0
	e.sets(func([]string) error {
		if n++; n < 3 {
			panic("oh")
		}
		return nil
	})
	s, l := quick(t, e)
	emit(l, "a")
	flush(t, s)
	if got := e.names(); len(got) != 1 {
		t.Errorf("sent %q", got)
	}
}
