package limit

import (
	"encoding/json"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// Dropped counts attributes and members that were dropped.
type Dropped struct {
	Attributes int
	Members    int
}

// Traces cuts all spans of td, with their resources, scopes, events and links.
func (cfg *Config) Traces(td ptrace.Traces) (all Dropped) {
	for _, rs := range td.ResourceSpans().All() {
		cfg.around(rs.Resource().Attributes(), &all)
		for _, ss := range rs.ScopeSpans().All() {
			cfg.around(ss.Scope().Attributes(), &all)
			for _, span := range ss.Spans().All() {
				c := cutter{cfg: cfg, rest: int(cfg.Members)}
				for _, event := range span.Events().All() {
					c.attributes(event.Attributes())
				}
				for _, link := range span.Links().All() {
					c.attributes(link.Attributes())
				}
				c.record(span.Attributes())
				all.add(c.dropped)
			}
		}
	}
	return all
}

// Logs cuts all log records of ld, with their resources and scopes.
func (cfg *Config) Logs(ld plog.Logs) (all Dropped) {
	for _, rl := range ld.ResourceLogs().All() {
		cfg.around(rl.Resource().Attributes(), &all)
		for _, sl := range rl.ScopeLogs().All() {
			cfg.around(sl.Scope().Attributes(), &all)
			for _, record := range sl.LogRecords().All() {
				c := cutter{cfg: cfg, rest: int(cfg.Members)}
				c.value(record.Body(), &c.rest)
				c.record(record.Attributes())
				all.add(c.dropped)
			}
		}
	}
	return all
}

func (d *Dropped) add(more Dropped) {
	d.Attributes += more.Attributes
	d.Members += more.Members
}

// around cuts the attributes of a resource or a scope.
func (cfg *Config) around(attrs pcommon.Map, all *Dropped) {
	c := cutter{cfg: cfg, rest: int(cfg.Members)}
	c.attributes(attrs)
	all.add(c.dropped)
}

// cutter cuts one record.
type cutter struct {
	cfg     *Config
	rest    int // how many more members values other than activity.data may have
	dropped Dropped
}

// record cuts the attributes of a record, removes those that only a collector may set,
// and notes in the record how many were dropped.
func (c *cutter) record(attrs pcommon.Map) {
	if c.attributes(attrs) {
		attrs.RemoveIf(func(key string, _ pcommon.Value) bool { return ofCollector(key) })
	}
	note(attrs, activity.DroppedAttributesKey, c.dropped.Attributes)
	note(attrs, activity.DroppedMembersKey, c.dropped.Members)
}

// ofCollector reports whether only a collector may set an attribute.
func ofCollector(key string) bool { return key == activity.SenderKey || key == activity.ForgedKey }

// note adds to the number in an attribute, which another collector may have written.
func note(attrs pcommon.Map, key string, n int) {
	if n == 0 {
		return
	}
	before := int64(0)
	if v, ok := attrs.Get(key); ok {
		before = max(0, v.Int())
	}
	attrs.PutInt(key, before+int64(n))
}

// attributes cuts a map of attributes and the values in it, and reports whether it
// has some that only a collector may set.
func (c *cutter) attributes(attrs pcommon.Map) (forged bool) {
	if attrs.Len() > int(c.cfg.Attributes) {
		c.dropAttributes(attrs)
	}
	for key, v := range attrs.All() {
		if key == activity.DataKey {
			members := int(c.cfg.Members)
			c.data(v, &members)
			continue
		}
		forged = forged || ofCollector(key)
		if t := v.Type(); t == pcommon.ValueTypeMap || t == pcommon.ValueTypeSlice {
			c.value(v, &c.rest)
		}
	}
	return forged
}

// data cuts activity.data, which is a map or a text with a JSON object. A text that is too
// large becomes a map, because a truncated text would not be JSON.
func (c *cutter) data(v pcommon.Value, members *int) {
	if v.Type() != pcommon.ValueTypeStr {
		c.value(v, members)
		return
	}
	text := v.Str()
	if len(text) == 0 || text[0] != '{' || len(text) <= int(c.cfg.Text) && !exceeds(text, *members) {
		return
	}
	r := reader{decoder: json.NewDecoder(strings.NewReader(text)), members: *members}
	r.decoder.UseNumber()
	made := pcommon.NewValueEmpty()
	r.value(made)
	if r.err != nil || r.decoder.More() {
		return // not JSON: it stays a text
	}
	c.dropped.Members += r.dropped
	made.MoveTo(v)
}

// dropAttributes keeps the attributes that have a column, and the first of the others. If
// two attributes have the same key, the second counts as one of the others.
func (c *cutter) dropAttributes(attrs pcommon.Map) {
	columns := map[string]bool{}
	for key := range attrs.All() {
		if kept[key] {
			columns[key] = true
		}
	}
	others := int(c.cfg.Attributes) - len(columns)
	attrs.RemoveIf(func(key string, _ pcommon.Value) bool {
		if columns[key] {
			delete(columns, key)
			return false
		}
		if others > 0 {
			others--
			return false
		}
		c.dropped.Attributes++
		return true
	})
}

// kept are the attributes that are never dropped.
var kept = map[string]bool{
	activity.IDKey: true, activity.OriginalIDKey: true, activity.LogRecordUIDKey: true, activity.ActorIDKey: true, activity.ActorTypeKey: true,
	activity.ActorNameKey: true, activity.ImpersonatorIDKey: true, activity.TenantIDKey: true, activity.ActionTypeKey: true,
	activity.ActionNameKey: true, activity.StatusKey: true, activity.OriginalStatusKey: true, activity.ObjectTypeKey: true,
	activity.ObjectIDKey: true, activity.ObjectNameKey: true, activity.RemarksKey: true, activity.DataKey: true, activity.SourceKey: true,
	activity.SkippedKey: true, activity.CutKey: true, activity.ClaimedTimeKey: true, activity.DroppedAttributesKey: true, activity.DroppedMembersKey: true,
	activity.ErrorTypeKey: true, activity.ClientAddressKey: true, activity.UserAgentKey: true, activity.SessionIDKey: true,
	activity.ServiceNameKey: true, activity.ActorVerifiedKey: true,
}

// value drops the members of maps and lists above the limit.
func (c *cutter) value(v pcommon.Value, members *int) {
	switch v.Type() {
	case pcommon.ValueTypeMap:
		v.Map().RemoveIf(func(_ string, v pcommon.Value) bool { return c.member(v, members) })
	case pcommon.ValueTypeSlice:
		v.Slice().RemoveIf(func(v pcommon.Value) bool { return c.member(v, members) })
	}
}

// member reports whether a member must be dropped.
func (c *cutter) member(v pcommon.Value, members *int) (drop bool) {
	if *members == 0 {
		c.dropped.Members += size(v)
		return true
	}
	*members--
	c.value(v, members)
	return false
}

// size returns the number of members in a member, including itself.
func size(v pcommon.Value) int {
	n := 1
	switch v.Type() {
	case pcommon.ValueTypeMap:
		for _, v := range v.Map().All() {
			n += size(v)
		}
	case pcommon.ValueTypeSlice:
		for _, v := range v.Slice().All() {
			n += size(v)
		}
	}
	return n
}
