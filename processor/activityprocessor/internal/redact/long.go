package redact

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

const (
	// tail is how many bytes at the end of the searched part of a long text are removed. So
	// a secret that begins in the part that is kept was searched with at least as many
	// bytes after its beginning, and is found.
	tail = 1 << 10

	// betweenChecks is how many bytes are searched between two checks of the deadline.
	betweenChecks = 128 << 10

	// perText is the cost of a text in addition to its bytes.
	perText = 100
)

// whole cleans a value that is a text. A text that is too long is truncated.
func (w *work) whole(text string, k *keyClass) string {
	if w.late(len(text)) {
		return text // the request is rejected
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
	return list[:strings.LastIndexAny(list, ",; ")+1] // without half an address, which would be another address
}

// late reports whether the deadline of the request has passed. Then the rest is not
// cleaned, and the request is rejected.
func (w *work) late(n int) bool {
	if w.scanned += n + perText; w.scanned > betweenChecks {
		w.check()
	}
	return w.err != nil
}

// check checks the deadline.
func (w *work) check() {
	if w.scanned = 0; w.err != nil {
		return
	}
	if err := w.ctx.Err(); err != nil {
		w.err = fmt.Errorf("search for secrets: %w", err)
	}
}

// prefix returns the first n bytes of a text, without a part of a character at its end.
func prefix(text string, n int) string {
	for n > 0 && n < len(text) && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// cutIn notes that a value of a column was truncated.
func (w *work) cutIn(column string) {
	w.cut = append(w.cut, column)
	w.isCut = false
}

// noteCut writes to a record which of its columns were truncated.
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
