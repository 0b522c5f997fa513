package instrument

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/otelactivity/activitylog/activity"
)

// Baggage carries who acts from one service to the next, as members of W3C baggage, so that the
// rows of both name the same person. The calling service sends it with the transport of
// [Baggage.Transport], or the context of [Baggage.Context]; the one that is called takes it with
// [WithBaggage].
//
// Anybody can send baggage, so it counts only if the peer is one of Peers, if there are any, and
// it is signed with Key, if there is one. The zero Baggage trusts nobody. A signature is good for
// [BaggageLifetime] from when it was made; whoever sees it can repeat it until then, so
// services should talk by TLS.
//
// Members of baggage whose names begin with "activity." are removed from the context of each
// request that a middleware or a [Tracker] gets, so that what a client has forged is not passed
// on to a service that trusts this one.
type Baggage struct {
	// Peers are the networks of the services that are trusted to say who acts, empty: whoever
	// has the Key.
	Peers []netip.Prefix
	// Key is the secret of the services, at least 32 random bytes; with fewer, [WithBaggage]
	// reports an error and trusts nobody. nil: no signature is
	// made or needed.
	Key []byte
}

// BaggageLifetime is how old a signature may be, and how much the clocks of two services may
// differ.
const BaggageLifetime = 5 * time.Minute

// WithBaggage takes the actor from the baggage of requests, where [Current.SetActor],
// [WithActor] and the context name no person: an actor of type service, as a service has that
// authenticates its callers, gives way to the person for whom it calls.
func WithBaggage(b Baggage) Option {
	if b.Key != nil && len(b.Key) < leastKey {
		// Without this, a variable that is not set would leave Peers as the only condition.
		otel.Handle(fmt.Errorf("WithBaggage: the key must have at least %d bytes; got %d, so no baggage is trusted", leastKey, len(b.Key)))
		b = Baggage{}
	}
	return optionFunc(func(c *config) { c.baggage = &b })
}

const leastKey = 32 // bytes

// The members that carry an actor, in the order in which they are signed.
var baggageKeys = [...]string{
	activity.ActorIDKey, activity.ActorTypeKey, activity.ActorNameKey, activity.ImpersonatorIDKey, activity.TenantIDKey,
}

// signatureKey is the member with the signature: seconds since 1970, a dot, and the MAC.
const signatureKey = "activity.signature"

const activityPrefix = "activity."

// Context returns a copy of ctx whose baggage names who acts in it: the actor of the request
// that it belongs to, or of [activity.ContextWithActor]. Without an actor it names nobody. A
// propagator for baggage sends it on.
func (b Baggage) Context(ctx context.Context) context.Context {
	bag := withoutActivity(baggage.FromContext(ctx))
	who := activity.ActorFromContext(ctx)
	if c := FromContext(ctx); c != nil && who.IsZero() {
		who = c.who(ctx).Actor
	}
	if !who.IsZero() {
		values := valuesOf(who)
		for i, key := range baggageKeys {
			bag = withMember(bag, key, values[i])
		}
		if len(b.Key) > 0 {
			bag = withMember(bag, signatureKey, b.sign(values, time.Now().Unix()))
		}
	}
	return baggage.ContextWithBaggage(ctx, bag)
}

// Transport returns a transport for a client that sends who acts, and the trace, with each
// request: an [otelhttp.Transport] around base, whose default is [http.DefaultTransport].
func (b Baggage) Transport(base http.RoundTripper, opts ...otelhttp.Option) http.RoundTripper {
	propagators := propagation.NewCompositeTextMapPropagator(otel.GetTextMapPropagator(), propagation.TraceContext{}, propagation.Baggage{})
	opts = append([]otelhttp.Option{otelhttp.WithPropagators(propagators)}, opts...)
	return &baggageTransport{b, otelhttp.NewTransport(base, opts...)}
}

type baggageTransport struct {
	baggage Baggage
	next    http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t *baggageTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.next.RoundTrip(r.WithContext(t.baggage.Context(r.Context()))) //nolint:wrapcheck // it is the client's
}

// receive returns the context of r without the members of baggage that name an actor, and the
// actor that they name, if the service trusts them, or nil.
func (c *config) receive(r *http.Request) (context.Context, *activity.Actor) {
	bag := baggage.FromContext(r.Context())
	var who *activity.Actor
	if c.baggage != nil {
		sent := bag
		if sent.Len() == 0 { // no propagator reads it
			if parsed, err := baggage.Parse(r.Header.Get("Baggage")); err == nil {
				sent = parsed
			}
		}
		if actor := c.baggage.actor(sent, r.RemoteAddr, time.Now()); !actor.IsZero() {
			who = &actor
		}
	}
	if cleaned := withoutActivity(bag); cleaned.Len() != bag.Len() {
		return baggage.ContextWithBaggage(r.Context(), cleaned), who
	}
	return r.Context(), who
}

// named returns the actor that the service knows, or else the one that it was called for.
func (c *Current) named(known activity.Actor) activity.Actor {
	if c.calledFor != nil && (known.IsZero() || known.Type == activity.ActorService) {
		return *c.calledFor
	}
	return known
}

// actor returns who acts by the baggage of a request, the zero Actor if that does not count.
func (b *Baggage) actor(bag baggage.Baggage, peer string, now time.Time) activity.Actor {
	if bag.Len() == 0 || !b.trusts(peer) {
		return activity.Actor{}
	}
	var values [len(baggageKeys)]string
	for i, key := range baggageKeys {
		values[i] = bag.Member(key).Value()
	}
	if len(b.Key) > 0 && !b.signed(values, bag.Member(signatureKey).Value(), now) {
		return activity.Actor{}
	}
	return activity.Actor{ID: values[0], Type: activity.ActorType(values[1]), Name: values[2], ImpersonatorID: values[3], TenantID: values[4]}
}

func (b *Baggage) trusts(peer string) bool {
	if len(b.Peers) == 0 {
		return len(b.Key) > 0
	}
	address, ok := activity.ParseAddress(peer)
	if !ok {
		return false
	}
	for _, prefix := range b.Peers {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// sign returns the signature of an actor at a time.
func (b *Baggage) sign(values [len(baggageKeys)]string, at int64) string {
	mac := hmac.New(sha256.New, b.Key)
	var message []byte
	message = binary.AppendVarint(message, at)
	for _, value := range values {
		message = binary.AppendUvarint(message, uint64(len(value)))
		message = append(message, value...)
	}
	mac.Write(message)
	return strconv.FormatInt(at, 10) + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// signed reports whether a signature is that of the actor, and not too old.
func (b *Baggage) signed(values [len(baggageKeys)]string, signature string, now time.Time) bool {
	seconds, _, _ := strings.Cut(signature, ".")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || now.Sub(time.Unix(at, 0)).Abs() > BaggageLifetime {
		return false
	}
	return hmac.Equal([]byte(signature), []byte(b.sign(values, at)))
}

func valuesOf(a activity.Actor) [len(baggageKeys)]string {
	return [...]string{a.ID, string(a.Type), a.Name, a.ImpersonatorID, a.TenantID}
}

// withMember returns bag with a member, unless the value is empty or cannot be one.
func withMember(bag baggage.Baggage, key, value string) baggage.Baggage {
	if value == "" {
		return bag
	}
	m, err := baggage.NewMemberRaw(key, value)
	if err != nil {
		otel.Handle(err)
		return bag
	}
	more, err := bag.SetMember(m)
	if err != nil {
		otel.Handle(err)
		return bag
	}
	return more
}

// withoutActivity returns bag without the members that name an actor.
func withoutActivity(bag baggage.Baggage) baggage.Baggage {
	if bag.Len() == 0 { // nearly always
		return bag
	}
	for _, m := range bag.Members() {
		if strings.HasPrefix(m.Key(), activityPrefix) {
			bag = bag.DeleteMember(m.Key())
		}
	}
	return bag
}
