package web

import (
	"encoding/json"
	"unicode"

	"github.com/otelactivity/activitylog/reader"
)

// changeView is a change for the page: both values, with the words that differ marked.
type changeView struct {
	Field         string
	Before, After valueView
}

// valueView is a value. It has a note or parts.
type valueView struct {
	Old   bool   // it is the value before
	Note  string // "not set", "empty"
	Parts []part
	More  int // characters that are not shown
}

// part is a piece of a value. Marked ones are not in the other value.
type part struct {
	Text   string
	Marked bool
}

// maxShown is how many characters of a value are shown.
const maxShown = 5000

func newChangeView(c reader.Change) changeView {
	view := changeView{Field: showLine(c.Field, 300), Before: valueView{Old: true}}
	before, noteBefore := plainText(c.Before, c.After)
	after, noteAfter := plainText(c.After, c.Before)
	before, view.Before.More = cutRunes(before, maxShown)
	after, view.After.More = cutRunes(after, maxShown)
	view.Before.Note, view.After.Note = noteBefore, noteAfter
	if noteBefore != "" || noteAfter != "" {
		view.Before.Parts, view.After.Parts = whole(before), whole(after)
		return view
	}
	view.Before.Parts, view.After.Parts = diff(words(showBlock(before)), words(showBlock(after)))
	return view
}

// plainText returns the text of a value, and what to say instead of it. A text has its quotes
// only if the other value is of another kind: "1" and 1.
func plainText(value, other json.RawMessage) (text, note string) {
	var s string
	switch {
	case len(value) == 0 || string(value) == "null":
		return "", "not set"
	case json.Unmarshal(value, &s) == nil && (isString(other) || string(other) == "null"):
		if s == "" {
			return "", "empty"
		}
		return s, ""
	}
	return string(reader.IndentJSON(value)), ""
}

func isString(value json.RawMessage) bool { return len(value) > 0 && value[0] == '"' }

func whole(text string) []part {
	if text == "" {
		return nil
	}
	return []part{{Text: showBlock(text)}}
}

// words cuts a text into words, and what is between them.
func words(text string) (all []string) {
	begin, last := 0, 0
	for i, r := range text {
		kind := 1
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.Is(unicode.M, r):
			kind = 2
		case unicode.IsSpace(r):
			kind = 3
		}
		if i > begin && (kind != last || kind == 1) {
			all = append(all, text[begin:i])
			begin = i
		}
		last = kind
	}
	if begin < len(text) {
		all = append(all, text[begin:])
	}
	return all
}

// maxWords is how many words each text may have, between what is the same at the beginning
// and the end, to be compared word by word.
const maxWords = 600

// diff marks the words that one text has and the other has not.
func diff(a, b []string) (before, after []part) {
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	inA, inB := make([]bool, len(a)), make([]bool, len(b)) // words that both have
	for i := range head {
		inA[i], inB[i] = true, true
	}
	for i := range tail {
		inA[len(a)-1-i], inB[len(b)-1-i] = true, true
	}
	if x, y := a[head:len(a)-tail], b[head:len(b)-tail]; len(x) <= maxWords && len(y) <= maxWords {
		common(x, y, inA[head:], inB[head:])
	}
	return parted(a, inA), parted(b, inB)
}

// common notes the words of a longest common subsequence.
func common(a, b []string, inA, inB []bool) {
	length := make([][]int, len(a)+1) // of the rest of a and the rest of b
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			inA[i], inB[j] = true, true
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
}

// parted puts words together again that are marked alike.
func parted(words []string, same []bool) (parts []part) {
	for begin, i := 0, 1; i <= len(words); i++ {
		if i == len(words) || same[i] != same[begin] {
			text := ""
			for _, w := range words[begin:i] {
				text += w
			}
			parts = append(parts, part{Text: text, Marked: !same[begin]})
			begin = i
		}
	}
	return parts
}
