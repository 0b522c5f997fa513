package preset

import (
	"regexp"
	"strings"
)

// parseSQL returns the operation and the table of a statement that begins with
// INSERT, UPDATE, DELETE, REPLACE or MERGE, in any case and spelling of names.
// For others, also those that begin with WITH, it returns "".
func parseSQL(statement string) (operation, table string) {
	s := sqlScanner{rest: statement}
	s.begin()
	operation = strings.ToUpper(s.word())
	switch operation {
	case "INSERT", "REPLACE", "MERGE", "DELETE", "UPDATE":
	default:
		return "", ""
	}
	s.top()
	from := false
	for {
		name, quoted := s.name()
		if word := strings.ToUpper(name); !quoted && modifiers[word] {
			from = from || word == "FROM"
			continue
		}
		if operation == "DELETE" && !from {
			name = s.deleted(name)
		}
		return operation, name
	}
}

// deleted returns the table that a statement deletes from which names an alias, or a table,
// before FROM: "DELETE a FROM articles a". It is "" if that is not the first table.
func (s *sqlScanner) deleted(name string) string {
	s.space()
	if strings.HasPrefix(s.rest, ",") {
		return "" // several tables
	}
	if !strings.EqualFold(s.word(), "FROM") {
		return name // SQL Server: "DELETE articles WHERE …"
	}
	table, _ := s.name()
	if strings.EqualFold(table, name) {
		return table
	}
	alias, quoted := s.name()
	if !quoted && strings.EqualFold(alias, "AS") {
		alias, _ = s.name()
	}
	if strings.EqualFold(alias, name) {
		return table
	}
	return ""
}

// modifiers stand between an operation and its table.
var modifiers = map[string]bool{
	"INTO": true, "FROM": true, "ONLY": true, "IGNORE": true, "LOW_PRIORITY": true, "HIGH_PRIORITY": true,
	"DELAYED": true, "QUICK": true, "OR": true, "REPLACE": true, "ROLLBACK": true, "ABORT": true, "FAIL": true,
	"OVERWRITE": true, "TABLE": true,
}

// sqlScanner reads the beginning of a statement.
type sqlScanner struct{ rest string }

// begin skips white space, comments and brackets before the first word.
func (s *sqlScanner) begin() {
	for {
		s.space()
		switch {
		case s.rest == "":
			return
		case s.rest[0] == '#':
			_, s.rest, _ = strings.Cut(s.rest, "\n")
		case s.rest[0] == '(', s.rest[0] == ';':
			s.rest = s.rest[1:]
		default:
			return
		}
	}
}

// space skips white space and comments.
func (s *sqlScanner) space() {
	for {
		s.rest = strings.TrimLeft(s.rest, " \t\r\n\f\v")
		end := ""
		switch {
		case strings.HasPrefix(s.rest, "--"), strings.HasPrefix(s.rest, "#") && !isTemporary(s.rest):
			end = "\n"
		case strings.HasPrefix(s.rest, "/*"):
			end = "*/"
		default:
			return
		}
		_, s.rest, _ = strings.Cut(s.rest, end)
	}
}

// isTemporary reports whether a number sign begins the name of a temporary table of
// SQL Server, and no comment of MySQL.
func isTemporary(s string) bool {
	return len(s) > 1 && (s[1] == '#' || s[1] == '_' || isAlphanumeric(s[1]))
}

// topRows matches how SQL Server limits the rows.
var topRows = regexp.MustCompile(`(?i)^TOP\s*\([^)]*\)(?:\s*PERCENT\b)?`)

func (s *sqlScanner) top() {
	if s.space(); len(s.rest) > 3 && strings.EqualFold(s.rest[:3], "TOP") {
		s.rest = s.rest[len(topRows.FindString(s.rest)):]
	}
}

// word reads a bare word, or "".
func (s *sqlScanner) word() string {
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

// name reads a name with an optional schema, which may be empty between two points,
// and with the quotation marks of any database around each part.
func (s *sqlScanner) name() (name string, quoted bool) {
	for {
		s.space()
		part, q := s.quotedName()
		if !q {
			part = s.word()
		}
		quoted = quoted || q
		name += part
		if s.space(); name == "" || !strings.HasPrefix(s.rest, ".") {
			return strings.TrimSuffix(name, "."), quoted
		}
		name, s.rest = name+".", s.rest[1:]
	}
}

// quotedName reads a part in quotation marks. A doubled mark is one character of it.
func (s *sqlScanner) quotedName() (name string, ok bool) {
	if s.rest == "" {
		return "", false
	}
	var closing string
	switch s.rest[0] {
	case '"', '`':
		closing = s.rest[:1]
	case '[':
		closing = "]"
	default:
		return "", false
	}
	for end := 1; ; end += 2 {
		i := strings.Index(s.rest[end:], closing)
		if i < 0 {
			return "", false
		}
		end += i
		if strings.HasPrefix(s.rest[end+1:], closing) {
			continue
		}
		name, s.rest = s.rest[1:end], s.rest[end+1:]
		return strings.ReplaceAll(name, closing+closing, closing), true
	}
}
