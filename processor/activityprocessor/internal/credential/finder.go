package credential

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Finder applies the identity rules of a processor. After Start it is safe for concurrent
// use.
type Finder struct {
	rules   []rule
	headers headers
	lookups Lookups
	proxies activity.Proxies
	keys    []*keySource
}

// Lookups finds the rows of keys in a table.
type Lookups interface {
	// Find sets attributes of into[i] by the row of keys[i]. It waits for a database no
	// longer than the lookup's timeout.
	Find(ctx context.Context, lookup string, keys []string, into []pcommon.Map)
}

// rule is one identity rule.
type rule struct {
	name     string // in metrics
	services Services
	kind     kind
	lookup   string // of a cookie
}

// kind is a kind of rule. It is safe for concurrent use.
type kind interface {
	// find returns the user of a request that may name somebody. A user with only a key
	// must be looked up.
	find(r *request) user
}

// user is a user of a request. The zero value is nobody.
type user struct {
	id, name, tenant string
	// claimed means that only the server's answer shows that the client told the truth.
	claimed bool
	key     string // to look up
}

// New returns the finder of valid rules. Headers that proxies set count only in requests
// from one of proxies, unless there are none. New does not read keys; Start does.
func New(cfgs Configs, lookups Lookups, proxies activity.Proxies, logger *zap.Logger) (*Finder, error) {
	f := &Finder{lookups: lookups, proxies: proxies}
	for i := range cfgs {
		r, err := f.newRule(&cfgs[i], logger)
		if err != nil {
			return nil, fmt.Errorf("identity[%d]: %w", i, err)
		}
		f.rules = append(f.rules, r)
	}
	return f, nil
}

func (f *Finder) newRule(cfg *Config, logger *zap.Logger) (rule, error) {
	r := rule{services: cfg.Services}
	switch {
	case cfg.Header != nil:
		name := string(cfg.Header.Name)
		at := f.headers.add(name)
		r.name = "header " + f.headers.names[at]
		switch cfg.Header.As {
		case asBasic:
			r.kind = basic{at}
		case asToken:
			t, err := newToken(at, cfg.Header, logger)
			if err != nil {
				return r, err
			}
			if t.keys != nil {
				f.keys = append(f.keys, t.keys)
			}
			r.kind = t
		default:
			r.kind = plain{at}
		}
	case cfg.Attribute != "":
		r.name, r.kind = "attribute "+string(cfg.Attribute), attribute{string(cfg.Attribute)}
	case cfg.Cookie != nil:
		r.name, r.lookup = "cookie "+string(cfg.Cookie.Name), string(cfg.Cookie.Lookup)
		r.kind = cookie{f.headers.add(cookieHeader), string(cfg.Cookie.Name)}
		f.headers.cookies = true
	case cfg.MTLS != "":
		r.name, r.kind = "mtls "+string(cfg.MTLS), newSubject(&f.headers)
	default:
		return r, errors.New("one of header, attribute, cookie and mtls must be set")
	}
	return r, nil
}

// Start reads the keys of tokens. A file that cannot be read is an error; an address that
// does not answer is not, and identifies nobody until it does.
func (f *Finder) Start(ctx context.Context) error {
	for i, keys := range f.keys {
		if err := keys.start(ctx); err != nil {
			for _, started := range f.keys[:i] {
				_ = started.stop(ctx)
			}
			return err
		}
	}
	return nil
}

// Shutdown stops what Start has started. It must not be called if Start has failed.
func (f *Finder) Shutdown(ctx context.Context) error {
	var errs []error
	for _, keys := range f.keys {
		errs = append(errs, keys.stop(ctx))
	}
	return errors.Join(errs...)
}

// waiting is a request whose user must be looked up.
type waiting struct {
	request *request
	rule    int
	key     string
}

// Traces names the users of the requests in td, and removes the headers from all of its
// spans. found is called for each request that got a user, with the name of the rule.
func (f *Finder) Traces(ctx context.Context, td ptrace.Traces, found func(rule string)) {
	if len(f.rules) == 0 {
		return
	}
	var asked []waiting
	var in record.Record
	for _, rs := range td.ResourceSpans().All() {
		service := record.ServiceOf(rs.Resource())
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if r := f.read(&in, span, service); r != nil {
					asked = f.find(r, 0, asked, found)
				}
			}
		}
	}
	for len(asked) > 0 {
		asked = f.ask(ctx, asked, found)
	}
	f.headers.removeFromTraces(td)
}

// find applies the rules from the one at first on.
func (f *Finder) find(r *request, first int, asked []waiting, found func(string)) []waiting {
	for i := first; i < len(f.rules); i++ {
		one := &f.rules[i]
		if !one.services.match(r.service) {
			continue
		}
		u := one.kind.find(r)
		if u.key != "" {
			return append(asked, waiting{r, i, u.key})
		}
		if r.takes(u) {
			found(one.name)
			break
		}
	}
	return asked
}

// ask looks up the users of requests. Where it finds nobody, the rules that follow are
// applied, and what they ask for is returned.
func (f *Finder) ask(ctx context.Context, asked []waiting, found func(string)) (again []waiting) {
	rows := make([]pcommon.Map, len(asked))
	for i := range rows {
		rows[i] = pcommon.NewMap()
	}
	for first := range asked {
		f.askOne(ctx, asked, rows, first)
	}
	for i, one := range asked {
		if one.request.takesRow(rows[i]) {
			found(f.rules[one.rule].name)
			continue
		}
		again = f.find(one.request, one.rule+1, again, found)
	}
	return again
}

// askOne asks the lookup of the request at first for it and all others, unless that was
// done for an earlier request.
func (f *Finder) askOne(ctx context.Context, asked []waiting, rows []pcommon.Map, first int) {
	lookup := f.rules[asked[first].rule].lookup
	var keys []string
	var into []pcommon.Map
	for i := range asked {
		if f.rules[asked[i].rule].lookup != lookup {
			continue
		}
		if i < first {
			return
		}
		keys, into = append(keys, asked[i].key), append(into, rows[i])
	}
	f.lookups.Find(ctx, lookup, keys, into)
}
