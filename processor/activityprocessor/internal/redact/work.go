package redact

import (
	"context"
	"net/url"
	"slices"
	"strings"
)

// work is the cleaning of one record.
type work struct {
	c        *Cleaner
	around   *work    // the work of resource and scope
	lasting  int      // how many of replaced belong to the resource
	keep     []string // e-mail addresses of the actor, and ids of the object, that look like a secret
	replaced []change // values of private fields, which sentences may quote
	keepBuf  [2]string

	subjects [2]string // id and name of the actor
	location location  // of the request
	escapes  int       // how often the current text is escaped

	sentences int // how many maps of sentences are around the value

	keys, inner knownKeys // of attributes, and of the maps in their values
	depth       int
	innerKeys   int // how many keys of maps in values were read
	classified  int // how many of keys are known to be those of the record

	ctx     context.Context // with the deadline
	err     error           // of ctx
	scanned int             // bytes since ctx was last checked
	isCut   bool            // a value was truncated since cut was last updated
	cut     []string        // truncated columns of the record, by [columnOf]
}

// begin prepares the work for another record.
func (w *work) begin() {
	w.keep, w.replaced, w.sentences, w.depth = w.keepBuf[:0], w.replaced[:0], 0, 0
	w.innerKeys, w.classified = 0, 0
	w.subjects, w.escapes = [2]string{}, 0
	w.isCut, w.cut = false, w.cut[:0]
	w.location.reset()
}

// subject returns the actor that a text begins with, or "": the sentence
// "ci-token: Create release 7" is about an actor and contains no token.
func (w *work) subject(text string) string {
	for _, who := range w.subjects {
		if who != "" && strings.HasPrefix(text, who) && strings.HasPrefix(text[len(who):], ": ") {
			return who
		}
	}
	return ""
}

// maxChanges is how many changes of a record are kept. Each of them is searched for
// in each text.
const maxChanges = 64

// remember keeps a change, and the same value as a URL writes it.
func (w *work) remember(ch change) {
	for i, before := range [...]string{ch.before, url.QueryEscape(ch.before), url.PathEscape(ch.before)} {
		known := slices.ContainsFunc(w.replaced, func(other change) bool { return other.before == before })
		if known || len(w.replaced) >= maxChanges {
			continue
		}
		if w.replaced = append(w.replaced, change{before, ch.after, ch.action}); i > 0 {
			w.replaced[len(w.replaced)-1].action = nil // no attribute is written like that
		}
	}
}

// replacePrivate replaces the values of private fields in a sentence.
func (w *work) replacePrivate(text string, sentence bool) string {
	if !sentence {
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
