package shared

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// counter is a component that counts its starts and shutdowns.
type counter struct {
	starts, stops atomic.Int64
	startErr      error
	stopErr       error
}

func (c *counter) Start(context.Context) error {
	if c.startErr != nil {
		return c.startErr
	}
	c.starts.Add(1)
	return nil
}

func (c *counter) Shutdown(context.Context) error {
	c.stops.Add(1)
	return c.stopErr
}

// TestLifecycle runs steps on instances a, b and c of one key: "+a" creates an
// instance, "a" starts it, "!a" starts it and expects an error, "-a" shuts it down.
func TestLifecycle(t *testing.T) {
	for name, tt := range map[string]struct {
		steps         string
		created       int // components
		starts, stops int64
		left          int // keys in use
	}{
		"created only":                   {"+a +b", 1, 0, 0, 1},
		"never started":                  {"+a +b -a -b", 1, 0, 0, 0},
		"one":                            {"+a a -a", 1, 1, 1, 0},
		"first starts, last shuts down":  {"+a +b a b -a", 1, 1, 0, 1},
		"both end":                       {"+a +b a b -a -b", 1, 1, 1, 0},
		"one was never started":          {"+a +b a -a", 1, 1, 1, 0},
		"and shuts down later":           {"+a +b a -a -b", 1, 1, 1, 0},
		"and shuts down earlier":         {"+a +b a -b", 1, 1, 0, 1},
		"starts twice":                   {"+a a a -a", 1, 1, 1, 0},
		"shuts down twice":               {"+a +b a b -a -a", 1, 1, 0, 1},
		"the key is used again":          {"+a a -a +b b -b", 2, 2, 2, 0},
		"again while one is left over":   {"+a +b a -a +c c -b", 2, 2, 1, 1},
		"one is too late":                {"+a +b a -a !b -b", 1, 1, 1, 0},
		"start after its own shutdown":   {"+a +b a b -a !a -b", 1, 1, 1, 0},
		"ended before the other started": {"+a -a +b b -b", 2, 1, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var m Map[string, *counter]
			var all []*counter
			uses := map[string]*Use[*counter]{}
			for step := range strings.FieldsSeq(tt.steps) {
				instance := strings.Trim(step, "+-!")
				var err error
				switch step[0] {
				case '+':
					uses[instance], err = m.Get("key", func() (*counter, error) {
						all = append(all, &counter{})
						return all[len(all)-1], nil
					})
				case '-':
					err = uses[instance].Shutdown(t.Context())
				default:
					err = uses[instance].Start(t.Context())
				}
				if (err != nil) != (step[0] == '!') {
					t.Errorf("step %s: %v", step, err)
				}
			}
			var starts, stops int64
			for _, c := range all {
				starts, stops = starts+c.starts.Load(), stops+c.stops.Load()
			}
			if len(all) != tt.created || starts != tt.starts || stops != tt.stops || m.Len() != tt.left {
				t.Errorf("got %d created, %d starts, %d shutdowns, %d left; want %d, %d, %d, %d",
					len(all), starts, stops, m.Len(), tt.created, tt.starts, tt.stops, tt.left)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	var m Map[*int, *counter]
	create := func() (*counter, error) { return &counter{}, nil }
	key, other := new(int), new(int)
	a, _ := m.Get(key, create)
	b, _ := m.Get(key, create)
	c, _ := m.Get(other, create)
	if a.Value != b.Value {
		t.Error("one key has two components")
	}
	if a.Value == c.Value {
		t.Error("equal configurations at different addresses have one component")
	}
}

func TestErrors(t *testing.T) {
	failure := errors.New("failure")
	var m Map[string, *counter]
	if _, err := m.Get("key", func() (*counter, error) { return nil, failure }); !errors.Is(err, failure) || m.Len() != 0 {
		t.Errorf("create: got %v and %d left, want the error and nothing", err, m.Len())
	}
	shared := &counter{startErr: failure, stopErr: failure}
	create := func() (*counter, error) { return shared, nil }
	a, _ := m.Get("key", create)
	b, _ := m.Get("key", create)
	if err := a.Start(t.Context()); !errors.Is(err, failure) {
		t.Errorf("start: got %v, want the error", err)
	}
	shared.startErr = nil
	if err := b.Start(t.Context()); err != nil || shared.starts.Load() != 1 {
		t.Errorf("the next start: got %v after %d starts, want another attempt", err, shared.starts.Load())
	}
	if err := a.Shutdown(t.Context()); err != nil || shared.stops.Load() != 0 {
		t.Errorf("shutdown of the one that did not start: got %v after %d shutdowns", err, shared.stops.Load())
	}
	if err := b.Shutdown(t.Context()); !errors.Is(err, failure) || m.Len() != 0 {
		t.Errorf("the last shutdown: got %v and %d left, want the error and nothing", err, m.Len())
	}
}

// TestConcurrent has many instances of few keys come and go at once. The component
// runs whenever one of its instances has started.
func TestConcurrent(t *testing.T) {
	var m Map[int, *running]
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for range 200 {
				use, err := m.Get(i%3, func() (*running, error) { return &running{}, nil })
				if err != nil {
					t.Error(err)
					return
				}
				switch err := use.Start(t.Context()); {
				case errors.Is(err, errClosed): // another instance shut it down in between
				case err != nil:
					t.Error(err)
				case !use.Value.is.Load():
					t.Error("an instance has started, and its component does not run")
				}
				if err := use.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if m.Len() != 0 {
		t.Errorf("%d components are left", m.Len())
	}
}

// running is a component that must not start or shut down twice.
type running struct{ is atomic.Bool }

func (r *running) Start(context.Context) error {
	if r.is.Swap(true) {
		return errors.New("started twice")
	}
	return nil
}

func (r *running) Shutdown(context.Context) error {
	if !r.is.Swap(false) {
		return errors.New("shut down twice")
	}
	return nil
}

// TestStartWaits checks that an instance does not start before the component has.
func TestStartWaits(t *testing.T) {
	var m Map[string, *slow]
	component := &slow{begun: make(chan struct{}), release: make(chan struct{})}
	create := func() (*slow, error) { return component, nil }
	a, _ := m.Get("key", create)
	b, _ := m.Get("key", create)
	order := make(chan string, 3)
	var both sync.WaitGroup
	both.Go(func() { _ = a.Start(t.Context()); order <- "start" })
	<-component.begun
	both.Go(func() { _ = b.Start(t.Context()); order <- "start" })
	order <- "release"
	close(component.release)
	both.Wait()
	close(order)
	var got []string
	for s := range order {
		got = append(got, s)
	}
	if !slices.Equal(got, []string{"release", "start", "start"}) {
		t.Errorf("order: %v", got)
	}
}

type slow struct{ begun, release chan struct{} }

func (s *slow) Start(context.Context) error {
	close(s.begun)
	<-s.release
	return nil
}

func (*slow) Shutdown(context.Context) error { return nil }
