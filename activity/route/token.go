package route

import "strings"

// token is one part of what is read: a segment of a route, or a part of a path that no
// route names.
type token struct {
	text    string   // a literal, or an id in a path
	segment *segment // a parameter, nil for anything else
	index   int      // of the segment in its route, or of an id in its path
	id      bool     // text is an id
	guessed bool     // text is from a path, where an id is only known by its form
	custom  bool     // text follows a colon, as in "{id}:publish", so it is a verb
	file    bool     // text is the name of a file in a path that no route names, so it is no verb
}

func (t *token) isLiteral() bool { return t.segment == nil && !t.id }

// tokens appends what the segments say about the object. Text that says nothing is left
// out.
func (t *Template) tokens(list []token) []token {
	for i := range t.segments {
		s := &t.segments[i]
		if !s.param {
			list = appendLiteral(list, token{text: s.prefix, index: i}, i == len(t.segments)-1)
			continue
		}
		if name := strings.Trim(s.prefix, "-_.~@("); len(name) > 1 && isWord(name) {
			list = appendLiteral(list, token{text: name, index: i}, false) // "user-{id}", "Products({key})"
		}
		list = appendValue(list, token{segment: s, index: i})
		if verb, ok := strings.CutPrefix(s.suffix, ":"); ok && i == len(t.segments)-1 {
			list = append(list, token{text: verb, custom: true})
		}
	}
	return list
}

// appendPath appends the parts of a path from start to end, which no route names.
func appendPath(list []token, parts []string, start, end int) []token {
	for i := start; i < end; i++ {
		last := i == len(parts)-1
		before, id, after := findID(parts[i], last)
		if id == "" {
			list = appendLiteral(list, token{text: parts[i], guessed: true}, last)
			continue
		}
		if strings.HasPrefix(after, "@") || strings.HasPrefix(after, "%40") {
			list = append(list, token{text: parts[i], guessed: true}) // the password of a URL names nothing
			continue
		}
		if name := nameBefore(before); name != "" {
			list = append(list, token{text: name, guessed: true})
		}
		list = appendValue(list, token{text: id, index: i, id: true, guessed: true})
		if verb, ok := strings.CutPrefix(after, ":"); ok {
			list = append(list, token{text: verb, guessed: true, custom: true})
		}
	}
	return list
}

// nameBefore returns the word in the text before an id: "Products" of "Products('",
// "webhook" of "webhook-", "token" of "format=csv&token=", "" of "report-2026.".
func nameBefore(before string) string {
	if i := strings.IndexByte(before, '('); i >= 0 {
		return before[:i]
	}
	name := strings.Trim(before[strings.LastIndexAny(before, "&;,?")+1:], "-_~=:")
	if len(name) < 2 || !isWord(name) || strings.ContainsAny(name, "0123456789.@") {
		return ""
	}
	return name
}

// findID returns the id in a part of a path, and the text before and after it. Without an
// id, all are "". The last part may have a format or a verb after the id, "17.json",
// "17:publish", and in OData a part may be a word and a key, "Products(17)".
func findID(part string, last bool) (before, id, after string) {
	if before, id, after = cutDigest(part); id != "" {
		return before, id, after
	}
	if looksLikeID(part) {
		return "", part, ""
	}
	if last {
		stem := withoutExtension(part)
		if i := strings.IndexByte(stem, ':'); i > 0 {
			stem = stem[:i]
		}
		if looksLikeID(stem) {
			return "", stem, part[len(stem):]
		}
	}
	if i := strings.IndexByte(part, '('); i > 0 && strings.HasSuffix(part, ")") && isWord(part[:i]) {
		id = strings.Trim(part[i:], "(')")
		if looksLikeID(id) {
			i = strings.Index(part, id)
			return part[:i], id, part[i+len(id):]
		}
	}
	return "", "", ""
}

// appendLiteral appends a literal, unless it says nothing about the object. The last one
// may end in a verb: "articles:batchGet", "users.list".
func appendLiteral(list []token, t token, last bool) []token {
	if isOperation(t.text) {
		t.text, t.custom = t.text[1:], true
		return append(list, t)
	}
	if t.text == "-" || saysNothing(t.text) || !t.guessed && !isLiteral(t.text) {
		return list
	}
	if looksLikeID(t.text) {
		t.id = true
		return appendValue(list, t)
	}
	if !last {
		return append(list, t)
	}
	if t.guessed && strings.Contains(t.text, ",") {
		t.file = true // "user.delete,post.list": several acts, which need not be alike
		return append(list, t)
	}
	whole := t.text
	t.text = withoutExtension(whole)
	t.file = t.guessed && documents[whole[len(t.text):]]
	i := strings.LastIndexAny(t.text, ":.")
	if i <= 0 || i == len(t.text)-1 || !meaningOf(t.text[i+1:]).isAct() && (t.guessed || t.text[i] == '.') {
		t.file = t.file || t.guessed && strings.Contains(t.text, ".")
		return append(list, t)
	}
	verb := token{text: t.text[i+1:], guessed: t.guessed, custom: true}
	t.text = t.text[:i]
	return append(list, t, verb)
}

// isOperation reports whether a literal is a verb of FHIR or OData: "$everything".
func isOperation(literal string) bool {
	return len(literal) > 1 && literal[0] == '$' && identifier(literal[1:]) == literal[1:]
}

// appendValue appends a parameter or an id. After a literal such as "-rev" it is the
// revision of what is before, and no object: then both are left out.
func appendValue(list []token, t token) []token {
	if n := len(list); n > 0 && list[n-1].isLiteral() && list[n-1].text != "rev" && bare(list[n-1].text) == "rev" {
		return list[:n-1]
	}
	return append(list, t)
}

// extensions of data formats and of scripts are not part of an id or of a word.
var extensions = [...]string{
	".json", ".xml", ".html", ".htm", ".csv", ".yaml", ".yml", ".pdf", ".rss", ".atom",
	".php", ".aspx", ".asp", ".jsp", ".do", ".action", ".cgi",
}

// documents are the extensions of files that somebody keeps. The others may be those of a
// script or of the answer: "publish.php", "publish.json".
var documents = set(".csv .yaml .yml .pdf")

func withoutExtension(part string) string {
	for _, extension := range extensions {
		if stem, ok := strings.CutSuffix(part, extension); ok && stem != "" {
			return stem
		}
	}
	return part
}
