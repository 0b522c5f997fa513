package activityprocessor

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
)

// userCount counts the requests of a service in one batch.
type userCount struct {
	nameless int  // requests that are not activities because they name no user
	named    bool // some request names a user
}

func (u *userCount) add(in *rule.Span, why reason) {
	switch {
	case in.Named:
		u.named = true
	case why == noActor && in.Kind == ptrace.SpanKindServer:
		u.nameless++
	}
}

// noteUsers logs if no request of a service names a user. Services that declare their
// activities name users there.
func (p *activityProcessor) noteUsers(ctx context.Context, service string, users userCount) {
	if users == (userCount{}) || p.declared.HasService(service) {
		return
	}
	if requests := p.advice.note(service, users); requests > 0 {
		p.logger.Info("No request of a service names a user, so they did not become rows.",
			zap.String("service", p.cleanName(ctx, service)), zap.Int("requests", requests),
			zap.String("see", "docs/develop/identify-users.md"))
	}
}

// cleanName returns the name of a service without secrets.
func (p *activityProcessor) cleanName(ctx context.Context, service string) string {
	ld := plog.NewLogs()
	line := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	line.Body().SetStr(short(service))
	if p.cleaner.Logs(ctx, ld) != nil {
		return ""
	}
	return line.Body().Str()
}

// advice notices services none of whose requests names a user. It is safe for concurrent
// use. Names of services come from outside, so it remembers only the last ones and says
// only so much.
type advice struct {
	now func() time.Time

	mu       sync.Mutex
	services *simplelru.LRU[string, *serviceUsers]
	begun    time.Time // of the interval in which lines were logged
	lines    int
}

// serviceUsers is what is known of a service.
type serviceUsers struct {
	nameless int // requests since told
	named    bool
	told     time.Time
}

const (
	adviceAfter    = 20 // requests
	adviceInterval = 10 * time.Minute
	adviceServices = 1000
	adviceLines    = 50  // an interval, of all services
	adviceName     = 200 // bytes of a service's name
)

func newAdvice() *advice {
	services, err := simplelru.NewLRU[string, *serviceUsers](adviceServices, nil)
	if err != nil {
		panic(err) // the size is positive
	}
	return &advice{now: time.Now, services: services}
}

// note notes requests of a service, and returns of how many requests to log that they
// name no user, usually 0.
func (a *advice) note(service string, users userCount) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.services.Get(short(service))
	if !ok {
		known = &serviceUsers{}
		a.services.Add(strings.Clone(short(service)), known)
	}
	known.named = known.named || users.named
	known.nameless += users.nameless
	if known.named || known.nameless < adviceAfter || !a.mayTell(known) {
		return 0
	}
	n := known.nameless
	known.nameless = 0
	return n
}

// mayTell reports whether a line may be logged now, and counts it.
func (a *advice) mayTell(known *serviceUsers) bool {
	now := a.now()
	if a.begun.IsZero() || now.Sub(a.begun) >= adviceInterval {
		a.begun, a.lines = now, 0
	}
	if a.lines >= adviceLines || !known.told.IsZero() && now.Sub(known.told) < adviceInterval {
		return false
	}
	a.lines++
	known.told = now
	return true
}

// short returns the beginning of a name.
func short(name string) string {
	if len(name) > adviceName {
		name = name[:adviceName]
	}
	return strings.ToValidUTF8(name, "")
}
