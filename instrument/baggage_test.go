package instrument_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

var (
	loopback = netip.MustParsePrefix("127.0.0.0/8")
	key      = []byte("0123456789abcdef0123456789abcdef")
)

// TestBaggage is about two services: a person calls the first one, which calls the second. The
// rows of both name her.
func TestBaggage(t *testing.T) {
	shop := activity.Actor{ID: "shop", Type: activity.ActorService}
	for name, tt := range map[string]struct {
		send, take instrument.Baggage
		known      activity.Actor // to the second service
		want       string         // the actor of its row, "" for no row
	}{
		"by the peer":              {instrument.Baggage{}, instrument.Baggage{Peers: []netip.Prefix{loopback}}, activity.Actor{}, "9"},
		"by the key":               {instrument.Baggage{Key: key}, instrument.Baggage{Key: key}, activity.Actor{}, "9"},
		"by both":                  {instrument.Baggage{Key: key}, instrument.Baggage{Key: key, Peers: []netip.Prefix{loopback}}, activity.Actor{}, "9"},
		"the caller is known":      {instrument.Baggage{Key: key}, instrument.Baggage{Key: key}, shop, "9"},
		"the person is known":      {instrument.Baggage{Key: key}, instrument.Baggage{Key: key}, activity.Actor{ID: "5"}, "5"},
		"another peer":             {instrument.Baggage{}, instrument.Baggage{Peers: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, activity.Actor{}, ""},
		"another peer, the key":    {instrument.Baggage{Key: key}, instrument.Baggage{Key: key, Peers: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, activity.Actor{}, ""},
		"no signature":             {instrument.Baggage{}, instrument.Baggage{Key: key}, activity.Actor{}, ""},
		"another key":              {instrument.Baggage{Key: []byte("another")}, instrument.Baggage{Key: key}, activity.Actor{}, ""},
		"nobody is trusted":        {instrument.Baggage{Key: key}, instrument.Baggage{}, activity.Actor{}, ""},
		"not trusted, but a known": {instrument.Baggage{}, instrument.Baggage{Key: key}, shop, "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			stock, stockOpts := newRecorded(t)
			shopRec, shopOpts := newRecorded(t)
			second := httptest.NewServer(instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				for _, m := range baggage.FromContext(r.Context()).Members() {
					if strings.HasPrefix(m.Key(), "activity.") {
						t.Errorf("the member %s goes on", m)
					}
				}
			}), "stock", append(stockOpts, instrument.WithBaggage(tt.take),
				instrument.WithActor(func(*http.Request) activity.Actor { return tt.known }),
				instrument.WithOTelHTTPOptions(otelhttp.WithPropagators(propagation.Baggage{})))...))
			defer second.Close()

			client := &http.Client{Transport: tt.send.Transport(nil)}
			first := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				instrument.FromContext(r.Context()).SetActor(carol)
				out, err := http.NewRequestWithContext(r.Context(), http.MethodPost, second.URL+"/orders", nil)
				if err != nil {
					t.Error(err)
					return
				}
				res, err := client.Do(out)
				if err != nil {
					t.Error(err)
					return
				}
				_ = res.Body.Close()
			}), "shop", shopOpts...)
			first.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/carts", nil))
			check(t, shopRec.one(), map[string]string{activity.ActorIDKey: "9"})
			if tt.want == "" {
				stock.none()
				return
			}
			want := map[string]string{activity.ActorIDKey: tt.want}
			if tt.want == "9" {
				want[activity.ActorNameKey], want[activity.ActorTypeKey], want[activity.TenantIDKey], want[activity.ImpersonatorIDKey] = "carol", "user", "acme", "1"
			}
			check(t, stock.one(), want)
		})
	}
}

// TestBaggageAndTheHandler is about a handler that says that a service acts, in a request for a
// person: what it did was for her, but a login is that of the service. Another activity of the
// request says the same.
func TestBaggageAndTheHandler(t *testing.T) {
	shop := activity.Actor{ID: "shop", Type: activity.ActorService}
	for name, tt := range map[string]struct {
		say  func(context.Context)
		want string
	}{
		"an act":   {func(ctx context.Context) { instrument.FromContext(ctx).SetActor(shop) }, "9"},
		"a login":  {func(ctx context.Context) { instrument.RecordLogin(ctx, shop) }, "shop"},
		"a logout": {func(ctx context.Context) { instrument.RecordLogout(ctx, shop) }, "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			second, secondOpts := newRecorded(t)
			h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				tt.say(r.Context())
				instrument.NewRecorder(secondOpts...).Record(r.Context(), activity.Activity{ActionType: activity.ActionUpdate})
				if got := instrument.OriginOf(r.Context()).Actor.ID; got != tt.want {
					t.Errorf("the origin is %q", got)
				}
			}), "test", append(opts, instrument.WithBaggage(instrument.Baggage{Key: key}))...)
			r := httptest.NewRequest(http.MethodPost, "/orders", nil)
			ctx := instrument.Baggage{Key: key}.Context(activity.ContextWithActor(t.Context(), carol))
			propagation.Baggage{}.Inject(ctx, propagation.HeaderCarrier(r.Header))
			h.ServeHTTP(httptest.NewRecorder(), r)
			check(t, rec.one(), map[string]string{activity.ActorIDKey: tt.want})
			check(t, second.one(), map[string]string{activity.ActorIDKey: tt.want})
		})
	}
}

// forged is baggage as a client could send it from outside.
const forged = "activity.actor.id=1,activity.actor.name=admin,activity.signature=9999999999.AAAA,color=red"

// TestForgedBaggage checks that what a client claims names nobody, and does not reach a service
// that trusts this one.
func TestForgedBaggage(t *testing.T) {
	for name, opts := range map[string][]instrument.Option{
		"without baggage": nil,
		"by the key":      {instrument.WithBaggage(instrument.Baggage{Key: key})},
		"by the peer":     {instrument.WithBaggage(instrument.Baggage{Peers: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})},
		"left out":        {instrument.WithFilter(func(*http.Request) bool { return false })},
	} {
		t.Run(name, func(t *testing.T) {
			rec, base := newRecorded(t)
			var passed string
			h := instrument.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				header := propagation.HeaderCarrier{}
				propagation.Baggage{}.Inject(r.Context(), header)
				passed = header.Get("baggage")
			}), "shop", append(append(base, instrument.WithOTelHTTPOptions(otelhttp.WithPropagators(propagation.Baggage{}))), opts...)...)
			r := httptest.NewRequest(http.MethodPost, "/orders", nil)
			r.Header.Set("Baggage", forged)
			h.ServeHTTP(httptest.NewRecorder(), r)
			rec.none()
			if passed != "color=red" {
				t.Errorf("passed on %q", passed)
			}
		})
	}
}

// TestOldSignature checks that a signature cannot be used again later, or for somebody else.
func TestOldSignature(t *testing.T) {
	ctx := instrument.Baggage{Key: key}.Context(activity.ContextWithActor(context.Background(), carol))
	good := baggage.FromContext(ctx)
	seconds, mac, _ := strings.Cut(good.Member("activity.signature").Value(), ".")
	for name, tt := range map[string]struct {
		member, value string
		want          bool
	}{
		"as it was":      {"color", "red", true},
		"older":          {"activity.signature", "1000000000." + mac, false},
		"of the future":  {"activity.signature", "9999999999." + mac, false},
		"no seconds":     {"activity.signature", mac, false},
		"somebody else":  {activity.ActorIDKey, "1", false},
		"another tenant": {activity.TenantIDKey, "other", false},
		"cut":            {"activity.signature", seconds + "." + mac[:20], false},
	} {
		t.Run(name, func(t *testing.T) {
			rec, opts := newRecorded(t)
			m, err := baggage.NewMemberRaw(tt.member, tt.value)
			if err != nil {
				t.Fatal(err)
			}
			bag, err := good.SetMember(m)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "/orders", nil)
			r.Header.Set("Baggage", bag.String())
			instrument.NewMiddleware(append(opts, instrument.WithBaggage(instrument.Baggage{Key: key}))...)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).
				ServeHTTP(httptest.NewRecorder(), r)
			if !tt.want {
				rec.none()
				return
			}
			check(t, rec.one(), map[string]string{activity.ActorIDKey: "9"})
		})
	}
}

// TestBaggageContext checks what a service sends that acts by itself.
func TestBaggageContext(t *testing.T) {
	if got := baggage.FromContext(instrument.Baggage{Key: key}.Context(context.Background())); got.Len() != 0 {
		t.Errorf("nobody acts, but the baggage is %v", got)
	}
	before, err := baggage.Parse(forged)
	if err != nil {
		t.Fatal(err)
	}
	got := baggage.FromContext(instrument.Baggage{}.Context(baggage.ContextWithBaggage(context.Background(), before)))
	if got.String() != "color=red" {
		t.Errorf("passed on %v", got)
	}
	odd := activity.Actor{ID: "ä\n\x00;,=%", Name: strings.Repeat("n", 10000)}
	ctx := instrument.Baggage{}.Context(activity.ContextWithActor(context.Background(), odd))
	if id := baggage.FromContext(ctx).Member(activity.ActorIDKey).Value(); id != odd.ID {
		t.Errorf("id %q", id)
	}
}

// A key from a variable that is not set must not leave the peers as the only condition.
func TestShortKey(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("192.0.2.0/24")}
	for name, key := range map[string][]byte{"empty": {}, "short": []byte("secret")} {
		t.Run(name, func(t *testing.T) {
			reported := collectErrors(t)
			rec, opts := newRecorded(t)
			h := instrument.NewHandler(answer(http.StatusOK), "test", append(opts, instrument.WithBaggage(instrument.Baggage{Key: key, Peers: loopback}))...)
			r := httptest.NewRequest(http.MethodPut, "/articles/17", nil)
			ctx := instrument.Baggage{Key: key}.Context(activity.ContextWithActor(t.Context(), activity.Actor{ID: "9"}))
			propagation.Baggage{}.Inject(ctx, propagation.HeaderCarrier(r.Header))
			h.ServeHTTP(httptest.NewRecorder(), r)
			rec.none()
			if !strings.Contains(reported.text(), "WithBaggage: the key must have at least 32 bytes") {
				t.Errorf("reported %q", reported.text())
			}
		})
	}
}
