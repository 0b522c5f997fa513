package feed

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// Messages is a [Catalogue] of texts. [English] and [German] return one each, which a
// service may change: add its types of objects to Objects, and its action types to Actions.
// It must not be changed while it is in use.
type Messages struct {
	// Tag is the tag of the language.
	Tag string

	// Actions are the sentences of each action type.
	Actions map[activity.ActionType]Sentences

	// Other are the sentences of all other action types. {action} stands for the type.
	Other Sentences

	// Objects are the words for types of objects: "article" is "Artikel" in German. A
	// type that is not there is shown as it is.
	Objects map[string]string

	// Object is an object that has both a type and a name or id, with {type} and {name}.
	Object string

	// Something is an object of which nothing is known.
	Something string

	// Actors are the words for actors that have neither a name nor an id, by their type.
	// That of "" is for all other types.
	Actors map[activity.ActorType]string

	// Impersonated is the actor if somebody else used the account, with {actor}.
	Impersonated string

	// TimeLayout is the form of times: see [time.Layout].
	TimeLayout string

	// Words are those of [Catalogue]. A column that is not there is shown by its name.
	Words map[string]string
}

// Sentences say that something was done. {actor} and {object} stand for who did it, and to
// what.
type Sentences struct {
	Success string
	Failed  string
}

// Language implements [Catalogue].
func (m *Messages) Language() string { return m.Tag }

// Time implements [Catalogue].
func (m *Messages) Time(at time.Time) string { return at.Format(m.TimeLayout) }

// Word implements [Catalogue].
func (m *Messages) Word(name string) string {
	return cmp.Or(m.Words[name], strings.TrimPrefix(name, "data."))
}

// Summary implements [Catalogue]. Names are what others chose, so they are put in once, and
// have one line.
func (m *Messages) Summary(e *Entry) string {
	sentences, ok := m.Actions[e.ActionType]
	if !ok {
		sentences = m.Other
	}
	text := sentences.Success
	if e.Status == activity.StatusFailed {
		text = sentences.Failed
	}
	return activity.OneLine(fill(text, sign{"actor", m.actor(e)}, sign{"object", m.object(e)}, sign{"action", cmp.Or(string(e.ActionType), "?")}))
}

// sign is a value of a sentence, and its name there: "actor" stands as {actor}.
type sign struct{ name, value string }

// fill replaces the signs in a text. What was put in is not looked at again.
func fill(text string, signs ...sign) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, rest, closed := strings.Cut(after, "}")
		i := slices.IndexFunc(signs, func(s sign) bool { return s.name == name })
		if i < 0 || !closed {
			b.WriteByte('{')
			text = after
			continue
		}
		b.WriteString(signs[i].value)
		text = rest
	}
}

func (m *Messages) actor(e *Entry) string {
	who := cmp.Or(e.ActorName, e.ActorID, m.Actors[e.ActorType], m.Actors[""])
	if e.Impersonated {
		who = fill(m.Impersonated, sign{"actor", who})
	}
	return who
}

func (m *Messages) object(e *Entry) string {
	kind, name := cmp.Or(m.Objects[e.ObjectType], e.ObjectType), cmp.Or(e.ObjectName, e.ObjectID)
	if kind != "" && name != "" {
		return fill(m.Object, sign{"type", kind}, sign{"name", name})
	}
	return cmp.Or(kind, name, m.Something)
}
