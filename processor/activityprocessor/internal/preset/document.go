package preset

import (
	"slices"
	"strings"
)

// maxDocument bounds how many bytes of a document are read, and maxFields how many root
// fields it may have.
const maxDocument, maxFields = 16 << 10, 32

// rootField is a field at the root of an operation: "removePost(id: 1)".
type rootField struct {
	name string
	id   string // the literal of the argument id, "" if there is none
	key  string // of its value in the answer: its alias, or its name
}

// rootFields returns the root fields of the operation of that name in a GraphQL document,
// nil if they are not known for sure: it has fragments at its root, or fields that a
// condition may have left out, or several operations and no name says which one was meant.
// Fields about the schema are left out, unless there are no others. Arguments may contain
// secrets, so none but the one called id is kept, if it looks like an id.
func rootFields(document, operation string) []rootField {
	if len(document) > maxDocument {
		return nil
	}
	s := scanner{text: document}
	var found []rootField
	operations := 0
	for t := s.next(); t != ""; t = s.next() {
		name := ""
		switch t {
		case "{":
		case "query", "mutation", "subscription":
			if name = s.next(); name == "{" || name == "(" || name == "@" {
				s.back(name)
				name = ""
			}
			if !s.skipTo("{") {
				return nil
			}
		case "fragment":
			if !s.skipTo("{") || !s.skipBlock("{", "}") {
				return nil
			}
			continue
		default:
			return nil
		}
		operations++
		fields, ok := s.selection()
		if ok {
			fields, ok = called(fields)
		}
		if !ok {
			return nil
		}
		if operation == "" || name == operation {
			found = fields
		}
	}
	if operations > 1 && operation == "" {
		return nil
	}
	return found
}

// called returns the fields that are called: those of one key are one call, which GraphQL
// allows only if they are the same.
func called(fields []rootField) (calls []rootField, ok bool) {
	for _, f := range fields {
		i := slices.IndexFunc(calls, func(other rootField) bool { return other.key == f.key })
		switch {
		case i < 0:
			calls = append(calls, f)
		case calls[i] != f:
			return nil, false
		}
	}
	if !isIntrospection(calls) {
		calls = slices.DeleteFunc(calls, rootField.isOfSchema)
	}
	return calls, true
}

// isOfSchema reports whether a field is about the schema, and not about data.
func (f rootField) isOfSchema() bool { return strings.HasPrefix(f.name, "__") }

// selection reads the fields up to the closing brace of a selection that was opened.
func (s *scanner) selection() (fields []rootField, ok bool) {
	for t := s.next(); t != "}"; t = s.next() {
		switch {
		case t == "{":
			if !s.skipBlock("{", "}") {
				return nil, false
			}
		case t == "(":
			if len(fields) == 0 || !s.arguments(&fields[len(fields)-1]) {
				return nil, false
			}
		case t == "@":
			if name := s.next(); name == "skip" || name == "include" {
				return nil, false // the field may have been left out
			}
			if next := s.next(); next == "(" {
				if !s.skipBlock("(", ")") {
					return nil, false
				}
			} else {
				s.back(next)
			}
		case t == ":": // the name before was an alias
			if len(fields) == 0 {
				return nil, false
			}
			fields[len(fields)-1].name = s.next()
		case isName(t) && len(fields) < maxFields:
			fields = append(fields, rootField{name: t, key: t})
		default:
			return nil, false // a fragment, the end, too many
		}
	}
	return fields, true
}

// arguments reads the arguments of a field up to the closing parenthesis.
func (s *scanner) arguments(f *rootField) bool {
	for depth := 1; depth > 0; {
		t := s.next()
		switch {
		case t == "":
			return false
		case t == "(" || t == "{" || t == "[":
			depth++
		case t == ")" || t == "}" || t == "]":
			depth--
		case t == "id" && depth == 1:
			if next := s.next(); next != ":" {
				s.back(next)
				continue
			}
			value := s.next()
			if id := strings.Trim(value, `"`); isLiteralID(id) && (value[0] == '"' || '0' <= value[0] && value[0] <= '9') {
				f.id = id
			} else {
				s.back(value)
			}
		}
	}
	return true
}

// isLiteralID reports whether a literal may be an id, and not a text or a masked value.
func isLiteralID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, nameBytes+"0123456789-") == ""
}

const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

func isName(t string) bool { return strings.Trim(t, nameBytes+"0123456789") == "" }

// scanner splits a document into names, numbers, strings and punctuation. Commas, white
// space and comments mean nothing.
type scanner struct {
	text   string
	pushed string
}

// back makes t the next token.
func (s *scanner) back(t string) { s.pushed = t }

// next returns the next token, "" at the end.
func (s *scanner) next() (t string) {
	if s.pushed != "" {
		t, s.pushed = s.pushed, ""
		return t
	}
	s.text = strings.TrimLeft(s.text, " \t\r\n,\ufeff")
	for strings.HasPrefix(s.text, "#") {
		_, s.text, _ = strings.Cut(s.text, "\n")
		s.text = strings.TrimLeft(s.text, " \t\r\n,")
	}
	n := tokenLength(s.text)
	t, s.text = s.text[:n], s.text[n:]
	return t
}

func tokenLength(text string) int {
	switch {
	case text == "":
		return 0
	case strings.HasPrefix(text, `"""`):
		return stringLength(text, `"""`)
	case text[0] == '"':
		return stringLength(text, `"`)
	case strings.HasPrefix(text, "..."):
		return 3
	case !isName(text[:1]):
		return 1
	}
	n := 1
	for n < len(text) && (isName(text[n:n+1]) || text[n] == '.') {
		n++
	}
	return n
}

// stringLength returns the length of a string with its quotes.
func stringLength(text, quote string) int {
	for i := len(quote); i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], quote):
			return i + len(quote)
		}
	}
	return len(text)
}

// skipTo skips to after a token. Parentheses and what is in them are skipped as a whole.
func (s *scanner) skipTo(token string) bool {
	for t := s.next(); t != ""; t = s.next() {
		switch t {
		case token:
			return true
		case "(":
			if !s.skipBlock("(", ")") {
				return false
			}
		}
	}
	return false
}

// skipBlock skips to after the token that closes a block that was opened.
func (s *scanner) skipBlock(opens, closes string) bool {
	for depth := 1; depth > 0; {
		switch s.next() {
		case "":
			return false
		case opens:
			depth++
		case closes:
			depth--
		}
	}
	return true
}
