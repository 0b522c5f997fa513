package redact

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

const (
	// tail is how many bytes of what was searched are cut off a long text: a secret
	// that begins before it has its beginning in what was searched, and is found.
	tail = 1 << 10

	// betweenLooks is how many bytes are searched between two looks at the clock.
	betweenLooks = 128 << 10

	// perText is what a text costs in addition to its bytes.
	perText = 100
)

// whole cleans a value that is a text. One that is too long is cut.
func (w *work) whole(text string, k *keyClass) string {
	if w.late(len(text)) {
		return text // of a request that is refused
	}
	if w.c.maxText <= 0 || len(text) <= w.c.maxText {
		return w.text(text, k)
	}
	w.isCut = true
	cleaned := w.text(prefix(text, w.c.maxText), k)
	return prefix(cleaned, max(0, len(cleaned)-tail))
}

// cutAddress cuts a list of addresses that is too long.
func (w *work) cutAddress(list string) string {
	if w.c.maxText <= 0 || len(list) <= w.c.maxText {
		return list
	}
	w.isCut = true
	list = list[:w.c.maxText]
	return list[:strings.LastIndexAny(list, ",; ")+1] // not half an address, which is another one
}

// late reports whether the time of the request is over. What is left of it stays
// as it is, and the request is refused.
func (w *work) late(n int) bool {
	if w.scanned += n + perText; w.scanned > betweenLooks && w.err == nil {
		w.scanned = 0
		if w.err = w.ctx.Err(); w.err != nil {
			w.err = fmt.Errorf("search for secrets: %w", w.err)
		}
	}
	return w.err != nil
}

// prefix returns the first n bytes of a text, without a part of a character at its end.
func prefix(text string, n int) string {
	for n > 0 && n < len(text) && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// cutIn notes that something in a column was cut.
func (w *work) cutIn(column string) {
	w.cut = append(w.cut, column)
	w.isCut = false
}

// noteCut says in a record which of its columns were cut.
func (w *work) noteCut(attrs pcommon.Map) {
	if len(w.cut) == 0 {
		return
	}
	v, _ := attrs.GetOrPutEmpty(activity.CutKey)
	list := v.Slice()
	if v.Type() != pcommon.ValueTypeSlice {
		list = v.SetEmptySlice()
	}
	for _, column := range w.cut {
		list.AppendEmpty().SetStr(column)
	}
}

// columnOf returns the column that holds an attribute, and the attribute itself
// if no column does.
func columnOf(key string) string {
	switch key {
	case activity.ImpersonatorIDKey:
		return "impersonator_id"
	case activity.UserAgentKey:
		return "user_agent"
	case activity.ErrorTypeKey, activity.ClientAddressKey, activity.SessionIDKey:
		return strings.ReplaceAll(key, ".", "_")
	}
	if name, ok := strings.CutPrefix(key, ours); ok {
		return strings.ReplaceAll(name, ".", "_")
	}
	return key
}
