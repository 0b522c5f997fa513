package activity

import (
	"strings"
	"unicode"
)

// DefaultRemarks is the sentence of an activity that has no remarks of its own.
// It names actor, action, object and outcome:
//
//	alice updated article 17
//	alice failed to update article 17
//	alice logged in from 127.0.0.1
//	alice failed to log in from 127.0.0.1
//	alice deleted session of user 3
//	alice: Publish article 17
//
// The last form is for action types that are not among [ActionTypes], and for
// activities without an object. Those have the action's name in it, unless it is
// that of a request: paths can hold secrets.
//
// Somebody who is not known is "anonymous". Only a failed login and a login attempt
// have the name that was claimed: the [Actor]'s, or the one in the data at [ClaimedKey].
//
// Names and ids are what others chose. Line breaks and other signs that change how a
// sentence looks become spaces, so that no name makes a sentence of its own.
func (a *Activity) DefaultRemarks() string {
	var room [128]byte
	return string(a.AppendDefaultRemarks(room[:0]))
}

// AppendDefaultRemarks appends the sentence of [Activity.DefaultRemarks] to b.
func (a *Activity) AppendDefaultRemarks(b []byte) []byte {
	start := len(b)
	return onOneLine(a.appendSentence(b), start)
}

// onOneLine replaces the signs in b from start that break a line, or that change the
// direction of text.
func onOneLine(b []byte, start int) []byte {
	for _, c := range b[start:] {
		if c < ' ' || c == 0x7f || c == 0xc2 || c == 0xd8 || c == 0xe2 { // the last three begin others
			return append(b[:start], strings.Map(visible, string(b[start:]))...)
		}
	}
	return b
}

// OneLine returns text with spaces in place of the signs that break a line, or that change
// the direction of text. So a name that somebody chose cannot make a sentence of its own.
func OneLine(text string) string {
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return strings.Map(visible, text)
		}
	}
	return text
}

func visible(r rune) rune {
	if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
		return ' '
	}
	return r
}

// appendSentence appends the sentence as it is made of its words.
func (a *Activity) appendSentence(b []byte) []byte {
	failed := a.Status == StatusFailed || a.ActionType == ActionLoginFailed
	b = append(b, a.who(failed)...)
	switch verb := verbs[a.ActionType]; {
	case verb.session:
		b = verb.append(b, failed)
		if a.ClientAddress != "" {
			b = append(b, " from "...)
			b = append(b, a.ClientAddress...)
		}
		return b
	case verb.past != "" && !a.Object.unnamed():
		return a.Object.append(verb.append(b, failed))
	}
	b = append(b, ": "...)
	b = append(b, a.ActionType...)
	if !a.Object.unnamed() {
		b = a.Object.append(b)
	} else if a.ActionName != "" && !isRequest(a.ActionName) {
		b = append(b, " ("...)
		b = append(b, a.ActionName...)
		b = append(b, ')')
	}
	if failed {
		b = append(b, " failed"...)
	}
	return b
}

// verb is how a sentence says what was done.
type verb struct {
	past, infinitive string
	session          bool // the address matters, not the object
}

var verbs = map[ActionType]verb{
	ActionCreate:      {" created", " create", false},
	ActionRead:        {" read", " read", false},
	ActionUpdate:      {" updated", " update", false},
	ActionDelete:      {" deleted", " delete", false},
	ActionLogin:       {" logged in", " log in", true},
	ActionLoginFailed: {" logged in", " log in", true},
	ActionLogout:      {" logged out", " log out", true},

	ActionLoginAttempt: {" tried to log in", " log in", true},
}

func (v verb) append(b []byte, failed bool) []byte {
	if !failed {
		return append(b, v.past...)
	}
	return append(append(b, " failed to"...), v.infinitive...)
}

// who returns the subject of the sentence. A name without an id is what somebody
// claims who is not known.
func (a *Activity) who(failed bool) string {
	if failed && a.ActionType == ActionLogin || a.ActionType == ActionLoginFailed || a.ActionType == ActionLoginAttempt {
		if claimed, ok := a.Data[ClaimedKey].(string); ok && a.Actor.ID == "" && a.Actor.Name == "" && claimed != "" {
			return claimed
		}
	} else if a.Actor.ID == "" && a.Actor.Type == ActorAnonymous {
		return string(ActorAnonymous)
	}
	if who := a.Actor.String(); who != "" {
		return who
	}
	return string(ActorAnonymous)
}

// isRequest reports whether the name of an action begins with a method, as that of
// a request, or has a path.
func isRequest(name string) bool {
	method, _, _ := strings.Cut(name, " ")
	return strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" || strings.HasPrefix(name, "/") ||
		strings.Contains(name, " /") || strings.Contains(name, "://")
}

// maxParents bounds how many parents a sentence names.
const maxParents = 8

// unnamed reports whether nothing is known of the object.
func (o Object) unnamed() bool { return o.Type == "" && o.ID == "" && o.Parent == nil }

// append appends type and id, each with a space before it, and those of the parents.
func (o Object) append(b []byte) []byte {
	if o.Type == "" && o.ID == "" {
		b = append(b, " something"...)
	}
	b = o.appendWords(b)
	for i, p := 0, o.Parent; p != nil && i < maxParents; i, p = i+1, p.Parent {
		b = p.appendWords(append(b, " of"...))
	}
	return b
}

func (o Object) appendWords(b []byte) []byte {
	for _, word := range [...]string{o.Type, o.ID} {
		if word != "" {
			b = append(b, ' ')
			b = append(b, word...)
		}
	}
	return b
}
