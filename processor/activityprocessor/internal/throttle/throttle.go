package throttle

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	// maxKeys is how many services or tenants are told apart. Further ones share what one
	// may send, so that nobody gets more by inventing names.
	maxKeys = 4096

	// maxName is how many bytes of a name are told apart.
	maxName = 255

	// sweepEvery is how often those that sent nothing for a while are forgotten, if
	// there are that many.
	sweepEvery = time.Second

	// newsEvery is how often the log has the name of a service or tenant.
	newsEvery = time.Minute

	// maxDelay is the longest time after which a sender is asked to try again.
	maxDelay = 30 * time.Second
)

// Throttle counts records by service or tenant. It is safe for concurrent use. A nil
// *Throttle has no limit.
type Throttle struct {
	cfg Config
	now func() time.Time

	mu     sync.Mutex
	keys   map[key]*rate.Limiter
	others *rate.Limiter
	swept  time.Time
	said   map[key]time.Time // when the log had a name last
}

// key is a service or a tenant.
type key struct {
	tenant bool
	name   string
}

// New returns nil if cfg sets no limit.
func New(cfg Config) *Throttle {
	if cfg.RecordsPerSecond == 0 {
		return nil
	}
	t := &Throttle{cfg: cfg, now: time.Now, keys: map[key]*rate.Limiter{}, said: map[key]time.Time{}}
	t.others = t.newLimiter()
	return t
}

func (t *Throttle) newLimiter() *rate.Limiter {
	return rate.NewLimiter(rate.Limit(t.cfg.RecordsPerSecond), t.cfg.burst())
}

// admit counts the records of a request. It refuses the request if most of them are of
// services or tenants that have sent more than they may, and then counts none of them.
//
// A request from a collector in front of this one can have records of several. Those of
// one above its limit are accepted if they are the smaller part, so that they do not hold
// up the others.
func (t *Throttle) admit(counts *tally) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	var over, all int
	var worst key
	lowest := math.Inf(1)
	counts.all(func(k key, n int) {
		all += n
		if left := t.limiter(k, now).TokensAt(now); left < 1 {
			over += n
			if left < lowest {
				worst, lowest = k, left
			}
		}
	})
	if 2*over > all {
		refused, err := t.refusal(worst, lowest)
		if err != nil {
			return err
		}
		return &RefusedError{refused, t.isNews(worst, now)}
	}
	t.spendAll(counts, now)
	return nil
}

// limiter returns the limiter of a service or tenant.
func (t *Throttle) limiter(k key, now time.Time) *rate.Limiter {
	if l, ok := t.keys[k]; ok {
		return l
	}
	if len(t.keys) >= maxKeys && now.Sub(t.swept) >= sweepEvery {
		t.swept = now
		for k, l := range t.keys {
			if l.TokensAt(now) >= float64(t.cfg.burst()) {
				delete(t.keys, k)
			}
		}
	}
	if len(t.keys) >= maxKeys {
		return t.others
	}
	l := t.newLimiter()
	k.name = strings.Clone(k.name) // not a part of the request
	t.keys[k] = l
	return l
}

// spendAll takes the tokens of an accepted request. Those that share a limit pay for all of
// their records together: what is above a burst would be free otherwise, for many small parts.
func (t *Throttle) spendAll(counts *tally, now time.Time) {
	shared := 0
	counts.all(func(k key, n int) {
		if l := t.limiter(k, now); l != t.others {
			t.spend(l, now, n)
			return
		}
		shared += n
	})
	t.spend(t.others, now, shared)
}

// spend takes n tokens. What is not there is owed, since a single request can have more
// records than may come at once. Who owes something already can add to it only as the smaller
// part of a request, and no more than a burst in all.
func (t *Throttle) spend(l *rate.Limiter, now time.Time, n int) {
	burst := t.cfg.burst()
	if left := l.TokensAt(now); left < 1 {
		n = min(n, burst+int(left))
	}
	for n > 0 {
		part := min(n, burst)
		l.ReserveN(now, part)
		n -= part
	}
}

// RefusedError is the error of a request above the limit.
type RefusedError struct {
	status *status.Status // has the time after which to try again
	News   bool           // nobody was told for a minute that this service or tenant is above its limit
}

// Error says who sends too much.
func (r *RefusedError) Error() string { return r.status.Message() }

// GRPCStatus returns what the sender is told.
func (r *RefusedError) GRPCStatus() *status.Status { return r.status }

// isNews reports whether the log should have a name: each once a minute.
func (t *Throttle) isNews(k key, now time.Time) bool {
	if last, ok := t.said[k]; ok && now.Sub(last) < newsEvery {
		return false
	}
	if len(t.said) >= maxKeys {
		clear(t.said)
	}
	k.name = strings.Clone(k.name) // not a part of the request
	t.said[k] = now
	return true
}

// refusal is the status for a sender, with the time after which it may try again.
func (t *Throttle) refusal(k key, left float64) (*status.Status, error) {
	wait := time.Duration((1 - left) / float64(t.cfg.RecordsPerSecond) * float64(time.Second))
	wait = min(max(wait.Truncate(time.Second)+time.Second, time.Second), maxDelay)
	what := "service"
	if k.tenant {
		what = "tenant"
	}
	refused, err := status.New(codes.ResourceExhausted, fmt.Sprintf(
		"activity: %s %.200q sends more than %d records per second (throttle::records_per_second); try again in %s",
		what, k.name, t.cfg.RecordsPerSecond, wait)).WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
	if err != nil {
		return nil, fmt.Errorf("refuse a request: %w", err)
	}
	return refused, nil
}
