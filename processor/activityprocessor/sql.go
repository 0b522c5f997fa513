package activityprocessor

import "strings"

// parseSQL returns the operation and the table of a statement that begins with
// INSERT, UPDATE, DELETE, REPLACE or MERGE, in any case and spelling of names.
// Others, those that begin with WITH too, give "".
func parseSQL(statement string) (operation, table string) {
	s := sqlScanner{rest: statement}
	operation = strings.ToUpper(s.word())
	switch operation {
	case "INSERT", "REPLACE", "MERGE", "DELETE", "UPDATE":
	default:
		return "", ""
	}
	for {
		name, quoted := s.name()
		if !quoted && modifiers[strings.ToUpper(name)] {
			continue
		}
		return operation, name
	}
}

// modifiers stand between an operation and its table.
var modifiers = map[string]bool{
	"INTO": true, "FROM": true, "ONLY": true, "IGNORE": true, "LOW_PRIORITY": true, "HIGH_PRIORITY": true,
	"DELAYED": true, "QUICK": true, "OR": true, "REPLACE": true, "ROLLBACK": true, "ABORT": true, "FAIL": true,
	"OVERWRITE": true, "TABLE": true,
}

// sqlScanner reads the beginning of a statement.
type sqlScanner struct{ rest string }

// skip passes white space and comments.
func (s *sqlScanner) skip() {
	for {
		s.rest = strings.TrimLeft(s.rest, " \t\r\n(;")
		end := ""
		switch {
		case strings.HasPrefix(s.rest, "--"), strings.HasPrefix(s.rest, "#"):
			end = "\n"
		case strings.HasPrefix(s.rest, "/*"):
			end = "*/"
		default:
			return
		}
		_, s.rest, _ = strings.Cut(s.rest, end)
	}
}

// word reads a bare word, "" if there is none.
func (s *sqlScanner) word() string {
	s.skip()
	end := strings.IndexFunc(s.rest, func(r rune) bool {
		return r < 0x80 && !isAlphanumeric(byte(r)) && r != '_' && r != '$'
	})
	if end < 0 {
		end = len(s.rest)
	}
	w := s.rest[:end]
	s.rest = s.rest[end:]
	return w
}

func isAlphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// name reads a name that may have a schema in front and quotation marks of any
// database around each part.
func (s *sqlScanner) name() (name string, quoted bool) {
	for {
		s.skip()
		part, q := s.quotedName()
		if !q {
			part = s.word()
		}
		quoted = quoted || q
		name += part
		if part == "" || !strings.HasPrefix(s.rest, ".") {
			return name, quoted
		}
		name, s.rest = name+".", s.rest[1:]
	}
}

func (s *sqlScanner) quotedName() (name string, ok bool) {
	if s.rest == "" {
		return "", false
	}
	closing := byte(0)
	switch s.rest[0] {
	case '"', '`':
		closing = s.rest[0]
	case '[':
		closing = ']'
	default:
		return "", false
	}
	end := strings.IndexByte(s.rest[1:], closing)
	if end < 0 {
		return "", false
	}
	name, s.rest = s.rest[1:1+end], s.rest[end+2:]
	return name, true
}
