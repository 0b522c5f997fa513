package redact

import (
	"context"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// Cleaner cleans spans and log records in place. It is safe for
// concurrent use. The nil *Cleaner leaves all as it is.
type Cleaner struct {
	fields   map[string]*fieldAction // by attribute
	members  map[string]*fieldAction // by path within activity.data
	twins    map[string]bool         // attributes that may say the same as one of fields
	secrets  *secretKeys
	patterns patterns
	address  generaliser

	maxText int // bytes of a text that are searched; 0 for all

	classes memory[*keyClass]
}

// New returns the cleaner of a configuration, nil if it is not enabled. It reads
// the key. Texts of more than maxText bytes are cut, if that is not 0.
func New(cfg Config, maxText int) (*Cleaner, error) {
	if !cfg.Enabled {
		return nil, nil
	}
	c := &Cleaner{
		maxText:  maxText,
		fields:   map[string]*fieldAction{},
		members:  map[string]*fieldAction{},
		twins:    map[string]bool{},
		secrets:  newSecretKeys(&cfg.SecretKeys),
		patterns: newPatterns(&cfg.Patterns),
		address:  generaliser{cfg.Address.IPv4Prefix, cfg.Address.IPv6Prefix},
	}
	var h *hasher
	if cfg.HMAC != (HMACConfig{}) {
		var err error
		if h, err = newHasher(&cfg.HMAC); err != nil {
			return nil, err
		}
	}
	for _, f := range cfg.Fields {
		action := &fieldAction{action: f.Action, length: f.Length, hasher: h}
		if member, ok := strings.CutPrefix(f.Field, "activity.data."); ok {
			c.members[member] = action
			continue
		}
		for _, key := range groupOf(f.Field) {
			c.twins[key] = true
		}
		for _, key := range sameAs(f.Field) {
			if c.fields[key] == nil || key == f.Field {
				c.fields[key] = action
			}
		}
	}
	return c, nil
}

// aliases are attributes that say the same, in other conventions: what is to be
// private of the first is so of all. The others may say something else than the
// first (a user's e-mail address and name), and are so as far as they say the same.
var aliases = [][]string{
	{"activity.actor.id", "user.id", "enduser.id"},
	{"activity.actor.name", "user.name", "user.email", "user.full_name"},
	append([]string{"client.address"}, slices.Sorted(maps.Keys(addressKeys))...),
	{"user_agent.original", "http.user_agent", "http.request.header.user-agent", "http.request.header.user_agent"},
}

// groupOf returns the attributes that say the same as field, and field itself.
func groupOf(field string) []string {
	for _, group := range aliases {
		if slices.Contains(group, field) {
			return group
		}
	}
	return []string{field}
}

func sameAs(field string) []string {
	if group := groupOf(field); group[0] == field {
		return group
	}
	return []string{field}
}

// keyClass is what is done about the value of a key.
type keyClass struct {
	name    string // the key itself, cleaned
	field   *fieldAction
	secret  bool
	address bool
	names   bool // e-mail addresses are masked in it
	numbers bool // so are card numbers
	opaque  bool // nothing is masked in it
	naming  bool // it may name what stands beside it

	// sentence says that it is text for people, which may say what a field of
	// its own says that is private.
	sentence bool
}

// identities are attributes that say who or what, which may be an e-mail address
// or a long number by right.
var identities = map[string]bool{
	"activity.actor.id": true, "activity.actor.name": true, "activity.actor.impersonator.id": true, "activity.tenant.id": true,
	"activity.object.id": true, "activity.id.original": true, "log.record.uid": true, "user.id": true, "user.name": true,
	"user.email": true, "user.full_name": true, "enduser.id": true, "session.id": true,
	activity.ClaimedKey: true,
}

// opaque are attributes of our own making, and one that is no text of anybody's.
var opaque = map[string]bool{
	"activity.id": true, "activity.action.type": true, "activity.status": true, "activity.source": true, "activity.skipped": true,
	"activity.actor.type": true, "service.name": true,
}

// tells reports whether the text of an attribute may say what another one says:
// sentences, addresses of pages, statements.
func tells(key string) bool {
	switch key {
	case "activity.remarks", "activity.data", "activity.action.name",
		"http.url", "http.target", "db.statement", "db.query.text", "graphql.document":
		return true
	}
	return slices.ContainsFunc([]string{"exception.", "url.", "http.request.header.", "http.response.header."}, func(prefix string) bool {
		return strings.HasPrefix(key, prefix)
	})
}

func (c *Cleaner) class(key string) *keyClass {
	if k, ok := c.classes.get(key); ok {
		return k
	}
	k := &keyClass{
		field:    c.fields[key],
		secret:   !opaque[key] && c.secrets.has(key),
		address:  c.address.isOn() && addressKeys[key],
		names:    !identities[key],
		numbers:  !identities[key],
		opaque:   opaque[key],
		naming:   names[strings.ToLower(key)],
		sentence: tells(key),
	}
	if len(key) >= minCard || strings.ContainsAny(key, "@= ") {
		w := work{c: c}
		k.name = w.text(key, free)
	} else {
		k.name = key
	}
	c.classes.put(key, k)
	return k
}

// Traces cleans all spans of td, with their resources and scopes. It stops at the
// deadline of ctx; after its error td still holds secrets.
func (c *Cleaner) Traces(ctx context.Context, td ptrace.Traces) error {
	if c == nil {
		return nil
	}
	w, around := work{c: c, ctx: ctx}, work{c: c, ctx: ctx}
	w.around = &around
	for _, rs := range td.ResourceSpans().All() {
		around.resource(rs.Resource())
		for _, ss := range rs.ScopeSpans().All() {
			around.scope(ss.Scope())
			for _, span := range ss.Spans().All() {
				if w.span(span); w.err != nil {
					return w.err
				}
			}
		}
	}
	return around.err
}

// Logs cleans all log records of ld, with their resources and scopes. It stops at
// the deadline of ctx; after its error ld still holds secrets.
func (c *Cleaner) Logs(ctx context.Context, ld plog.Logs) error {
	if c == nil {
		return nil
	}
	w, around := work{c: c, ctx: ctx}, work{c: c, ctx: ctx}
	w.around = &around
	for _, rl := range ld.ResourceLogs().All() {
		around.resource(rl.Resource())
		for _, sl := range rl.ScopeLogs().All() {
			around.scope(sl.Scope())
			for _, record := range sl.LogRecords().All() {
				if w.record(record); w.err != nil {
					return w.err
				}
			}
		}
	}
	return around.err
}

func (w *work) resource(resource pcommon.Resource) {
	w.begin()
	w.fields(resource.Attributes())
	w.lasting = len(w.replaced)
	w.attributes(resource.Attributes())
}

// scope leaves what the resource's fields were: its spans may tell it.
func (w *work) scope(scope pcommon.InstrumentationScope) {
	w.replaced = w.replaced[:w.lasting]
	w.fields(scope.Attributes())
	w.attributes(scope.Attributes())
	if cleaned, ok := w.changed(scope.Name()); ok {
		scope.SetName(cleaned)
	}
	if cleaned, ok := w.changed(scope.Version()); ok {
		scope.SetVersion(cleaned)
	}
}

// span cleans a span with its events and links.
func (w *work) span(span ptrace.Span) {
	w.begin()
	w.own(span.Attributes())
	if w.hasFields() {
		for _, event := range span.Events().All() {
			w.fields(event.Attributes())
		}
		for _, link := range span.Links().All() {
			w.fields(link.Attributes())
		}
	}
	w.attributes(span.Attributes())
	w.noteCut(span.Attributes())
	if cleaned, ok := w.changed(span.Name()); ok {
		span.SetName(cleaned)
	}
	if cleaned, ok := w.changed(span.Status().Message()); ok {
		span.Status().SetMessage(cleaned)
	}
	if cleaned, ok := w.changed(span.TraceState().AsRaw()); ok {
		span.TraceState().FromRaw(cleaned)
	}
	w.depth++ // their keys are others
	w.sentences++
	for _, event := range span.Events().All() {
		if cleaned, ok := w.changed(event.Name()); ok {
			event.SetName(cleaned)
		}
		w.attributes(event.Attributes())
	}
	for _, link := range span.Links().All() {
		if cleaned, ok := w.changed(link.TraceState().AsRaw()); ok {
			link.TraceState().FromRaw(cleaned)
		}
		w.attributes(link.Attributes())
	}
	w.depth--
	w.sentences--
}

// record cleans a log record. Its body is the remarks of an activity.
func (w *work) record(record plog.LogRecord) {
	w.begin()
	w.own(record.Attributes())
	w.attributes(record.Attributes())
	if cleaned, ok := w.changed(record.SeverityText()); ok {
		record.SetSeverityText(cleaned)
	}
	if cleaned, ok := w.changed(record.EventName()); ok {
		record.SetEventName(cleaned)
	}
	if f := w.c.fields["activity.remarks"]; f != nil {
		w.act(f, record.Body())
	}
	w.isCut = false
	if w.value(record.Body(), free); w.isCut {
		w.cutIn(columnOf(activity.RemarksKey))
	}
	w.noteCut(record.Attributes())
}

// changed returns what is left of a text without a key, and whether that is less.
func (w *work) changed(text string) (cleaned string, ok bool) {
	cleaned = w.whole(text, free)
	return cleaned, cleaned != text
}
