package redact

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// change is a value that a field had, and what stands for it elsewhere.
type change struct {
	before, after string
	action        *fieldAction
}

func (w *work) hasFields() bool { return len(w.c.fields)+len(w.c.members) > 0 }

// own does what is configured for single fields, and remembers what they were, so
// that sentences do not tell it. It remembers whose record it is, too.
func (w *work) own(attrs pcommon.Map) {
	w.fields(attrs)
	if w.c.address.isOn() {
		w.addresses(attrs)
	}
	for key, v := range attrs.All() { // once for all: there are dozens
		if len(key) < len(activity.DataKey) || key[:len(ours)] != ours {
			continue
		}
		switch key {
		case activity.ActorIDKey:
			w.subjects[0] = textOf(v)
			w.keepOwn(w.subjects[0])
		case activity.ActorNameKey:
			w.subjects[1] = textOf(v)
			w.keepOwn(w.subjects[1])
		case activity.DataKey:
			w.keepOwn(claimed(v))
		}
	}
}

// ours is what all keys of an activity begin with.
const ours = "activity."

func (w *work) keepOwn(who string) {
	if strings.IndexByte(who, '@') >= 0 {
		w.keep = append(w.keep, who)
	}
}

func textOf(v pcommon.Value) string {
	if v.Type() != pcommon.ValueTypeStr {
		return ""
	}
	return v.Str()
}

// subject returns what text begins with that says who it is about: a sentence about
// an actor "ci-token", "ci-token: Create release 7", tells no token.
func (w *work) subject(text string) string {
	for _, who := range w.subjects {
		if who != "" && strings.HasPrefix(text, who) && strings.HasPrefix(text[len(who):], ": ") {
			return who
		}
	}
	return ""
}

// claimed returns who a failed login was for, which is its only actor.
func claimed(data pcommon.Value) string {
	switch data.Type() {
	case pcommon.ValueTypeMap:
		if v, ok := data.Map().Get(activity.ClaimedKey); ok && v.Type() == pcommon.ValueTypeStr {
			return v.Str()
		}
	case pcommon.ValueTypeStr:
		if !strings.Contains(data.Str(), `"`+activity.ClaimedKey+`"`) {
			return ""
		}
		var object struct {
			Claimed string `json:"claimed"`
		}
		if json.Unmarshal([]byte(data.Str()), &object) == nil {
			return object.Claimed
		}
	}
	return ""
}

// fields does what is configured for attributes of a record, or of what belongs to
// it.
func (w *work) fields(attrs pcommon.Map) {
	if !w.hasFields() {
		return
	}
	start := len(w.replaced)
	attrs.RemoveIf(func(key string, v pcommon.Value) bool {
		f := w.c.class(key).field
		return f != nil && w.act(f, v)
	})
	if changes := w.replaced[start:]; len(changes) > 0 {
		attrs.RemoveIf(func(key string, v pcommon.Value) bool { return w.c.twins[key] && actAlike(changes, v) })
	}
	if len(w.c.members) == 0 {
		return
	}
	if data, ok := attrs.Get(activity.DataKey); ok {
		w.members(data)
	}
}

// actAlike does to an attribute what was done to one that said the same.
func actAlike(changes []change, v pcommon.Value) (remove bool) {
	if v.Type() != pcommon.ValueTypeStr {
		return false
	}
	for _, ch := range changes {
		if ch.action != nil && v.Str() == ch.before {
			return ch.action.value(v)
		}
	}
	return false
}

// act does what is configured for a field, and remembers what it said.
func (w *work) act(f *fieldAction, v pcommon.Value) (remove bool) {
	said := texts(nil, v)
	remove = f.value(v)
	for _, before := range said {
		after := pcommon.NewValueStr(before)
		if f.value(after); f.action == drop {
			after.SetStr(Masked)
		}
		if before != "" && before != after.Str() {
			w.told(change{before, after.Str(), f})
		}
	}
	return remove
}

// texts appends what v says, each element of a list for itself.
func texts(said []string, v pcommon.Value) []string {
	if v.Type() != pcommon.ValueTypeSlice {
		return append(said, v.AsString())
	}
	for _, element := range v.Slice().All() {
		said = texts(said, element)
	}
	return said
}

// maxTold is how many changes of a record are remembered: more are nobody's, and
// would each be looked for in each text.
const maxTold = 64

// told remembers a change, also as a URL would tell it.
func (w *work) told(ch change) {
	for i, before := range [...]string{ch.before, url.QueryEscape(ch.before), url.PathEscape(ch.before)} {
		known := slices.ContainsFunc(w.replaced, func(other change) bool { return other.before == before })
		if known || len(w.replaced) >= maxTold {
			continue
		}
		if w.replaced = append(w.replaced, change{before, ch.after, ch.action}); i > 0 {
			w.replaced[len(w.replaced)-1].action = nil // no attribute says it so
		}
	}
}

// addresses remembers the addresses to shorten, so that they are shortened in
// sentences too.
func (w *work) addresses(attrs pcommon.Map) {
	for key, v := range attrs.All() {
		if !addressKeys[key] {
			continue
		}
		for _, list := range texts(nil, v) {
			for part := range strings.FieldsFuncSeq(list, betweenAddresses) {
				if len(w.replaced) >= maxTold {
					return
				}
				before := hostOf(part)
				if after := w.c.address.one(before); after != before {
					w.told(change{before: before, after: after})
				}
			}
		}
	}
}

// untold returns text without what fields said that are private.
func (w *work) untold(text string, tells bool) string {
	if !tells {
		return text
	}
	if len(w.replaced) > 0 {
		text = replaceWords(text, w.replaced)
	}
	if w.around != nil && len(w.around.replaced) > 0 {
		text = replaceWords(text, w.around.replaced)
	}
	return text
}

// replaceWords replaces values of fields where they stand as words of their own,
// the longest where several begin. What was replaced is not looked at again.
func replaceWords(text string, changes []change) string {
	var out strings.Builder
	done := 0
	next := make([]int, len(changes)) // where each is, from done on
	for i := range changes {
		next[i] = changes[i].in(text, 0)
	}
	for {
		at, ch := -1, (*change)(nil)
		for i := range changes {
			if next[i] >= 0 && next[i] < done {
				next[i] = changes[i].in(text, done)
			}
			if n := next[i]; n >= 0 && (ch == nil || n < at || n == at && len(changes[i].before) > len(ch.before)) {
				at, ch = n, &changes[i]
			}
		}
		if ch == nil {
			break
		}
		out.WriteString(text[done:at])
		out.WriteString(ch.after)
		done = at + len(ch.before)
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// in returns where the value stands in text as words of its own, from an index on;
// -1 if it does not.
func (ch *change) in(text string, from int) int {
	for {
		i := strings.Index(text[from:], ch.before)
		if i < 0 {
			return -1
		}
		i += from
		if ch.isWhole(text, i, i+len(ch.before)) {
			return i
		}
		from = i + 1
	}
}

// isWhole reports whether words begin and end with text[i:end]. A number is no part
// of 1.2, 12:34 and 2026-11-23.
func (ch *change) isWhole(text string, i, end int) bool {
	if i > 0 && isWord(text[i-1]) && isWord(text[i]) || end < len(text) && isWord(text[end-1]) && isWord(text[end]) {
		return false
	}
	return (i < 2 || !isInNumber(text[i-2], text[i-1], text[i])) &&
		(end+1 >= len(text) || !isInNumber(text[end-1], text[end], text[end+1]))
}

func isInNumber(a, b, c byte) bool {
	return class[a]&isDigit != 0 && (b == '.' || b == ':' || b == '-') && class[c]&isDigit != 0
}

func isWord(b byte) bool { return class[b]&inWord != 0 && b != '.' && b != '-' || b >= 0x80 }
