package redact

import (
	"regexp"
	"slices"
	"strings"
)

// The functions of this file search for a fixed text first, and then examine the text
// around it, because a search by regular expression through a whole text is slow.

var (
	// The password may contain a slash only if the text before it is not a port.
	userinfo = regexp.MustCompile(`^://[^/\s"'<>@\[]*:(?:[^/\s"'<>@]*(?:@[^/\s"'<>@]+)*|[^/\s"'<>@]*[^/\s"'<>@0-9][^/\s"'<>@]*/[^\s"'<>@]*)@`)
	keyBegin = regexp.MustCompile(`^-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)
	keyEnd   = regexp.MustCompile(`^-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)
	webhook  = regexp.MustCompile(`^/(?:services|workflows|api/webhooks)/[\w/-]+`)
)

// Bytes that end a URL in a text.
const urlEnds = "\"'<> \t\n\f\r"

// maskUserinfo masks user and password in URLs: https://user:password@host.
func maskUserinfo(text string) string {
	e := edits{text: text}
	end := 0 // of the URL
	for from := 0; ; {
		n := strings.Index(text[from:], "://")
		if n < 0 {
			return e.String()
		}
		at := from + n
		from = at + 1
		if at >= end {
			end = len(text)
			if n := strings.IndexAny(text[at:], urlEnds); n >= 0 {
				end = at + n
			}
		}
		last := strings.LastIndexByte(text[at:end], '@')
		if last < 0 {
			from = end
			continue
		}
		if found := userinfo.FindStringIndex(text[at : at+last+1]); found != nil {
			e.replace(at, at+found[1], "://"+Masked+"@")
			from = at + found[1]
		}
	}
}

// Bytes that end the name of a data source in a text.
const dsnEnds = "\"' \t\n\f\r"

// networks are the words between user and host in a DSN of the Go driver for MySQL.
var networks = []string{"@tcp(", "@tcp6(", "@unix("}

// maskDSN masks user and password in names of data sources: user:password@tcp(host).
func maskDSN(text string) string {
	e := edits{text: text}
	for from := 0; ; {
		n := strings.IndexByte(text[from:], '@')
		if n < 0 {
			return e.String()
		}
		at := from + n
		from = at + 1
		if !isNetwork(text[at:]) {
			continue
		}
		start := strings.LastIndexAny(text[:at], dsnEnds) + 1
		from = len(text)
		if n := strings.IndexAny(text[at:], dsnEnds); n >= 0 {
			from = at + n
		}
		if user, host := dsnIn(text[start:from]); host > 0 {
			e.replace(start+user, start+host, Masked)
		}
	}
}

func isNetwork(text string) bool {
	return slices.ContainsFunc(networks, func(network string) bool { return strings.HasPrefix(text, network) })
}

// dsnIn returns where user and password begin in a name of a data source, and
// where the @ after them is, both 0 if there are none. The password ends at the last @.
func dsnIn(name string) (user, host int) {
	for _, network := range networks {
		host = max(host, strings.LastIndex(name, network))
	}
	for colon := 1; colon < host; colon++ {
		if name[colon] != ':' || strings.IndexByte(":@/=", name[colon-1]) >= 0 {
			continue
		}
		user = strings.LastIndexAny(name[:colon], ":@/=") + 1
		return user, host
	}
	return 0, 0
}

// maskClauses masks the texts after PASSWORD and IDENTIFIED BY in SQL.
func maskClauses(text string) string {
	e := edits{text: text}
	for i := strings.IndexByte(text, '\''); i >= 0; {
		next := i + 1
		if isSpaceAt(text, i-1) && isClause(text[e.done:i]) {
			if end := quotedEnd(text, i+1); end > 0 {
				e.replace(i+1, end, Masked)
				e.done = end
				next = end + 1
			}
		}
		if next > len(text) {
			break
		}
		n := strings.IndexByte(text[next:], '\'')
		if n < 0 {
			break
		}
		i = next + n
	}
	return e.String()
}

func isSpaceAt(text string, i int) bool { return i >= 0 && class[text[i]]&isSpace != 0 }

// isClause reports whether a text ends with what SQL has before a password.
func isClause(text string) bool {
	last, rest := lastWord(text)
	switch {
	case endsWithWord(last, "password") || endsWithWord(last, "passwd"):
		return true
	case !strings.EqualFold(last, "by") && !strings.EqualFold(last, "as"):
		return false
	}
	last, rest = lastWord(rest)
	if endsWithWord(last, "identified") {
		return true
	}
	last, rest = lastWord(rest)
	if !strings.EqualFold(last, "with") {
		return false
	}
	last, _ = lastWord(rest)
	return endsWithWord(last, "identified")
}

// longestWord is how long a word may be in a clause, the name of a plugin.
const longestWord = 200

// lastWord returns the last word of a text, and what is before it.
func lastWord(text string) (word, rest string) {
	end := len(text)
	for isSpaceAt(text, end-1) {
		end--
	}
	start := end
	for start > 0 && end-start < longestWord && !isSpaceAt(text, start-1) {
		start--
	}
	return text[start:end], text[:start]
}

// endsWithWord reports whether text ends with word, which is one of its own there.
func endsWithWord(text, word string) bool {
	before := len(text) - len(word)
	return before >= 0 && strings.EqualFold(text[before:], word) &&
		(before == 0 || class[text[before-1]]&inWord == 0 || text[before-1] == '.' || text[before-1] == '-')
}

// quotedEnd returns where the quotation mark is that ends what begins at i, 0 if
// none does. A doubled mark, and one after a backslash, are part of the text.
func quotedEnd(text string, i int) int {
	doubled := 0
	for ; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] != '\'':
		case i+1 < len(text) && text[i+1] == '\'':
			doubled = i
			i++
		default:
			return i
		}
	}
	return doubled
}

// maskPrivateKeys masks private keys in PEM. A key without its last line is masked to the
// end of the text.
func maskPrivateKeys(text string) string {
	e := edits{text: text}
	for from := 0; ; {
		n := strings.Index(text[from:], "-----BEGIN ")
		if n < 0 {
			return e.String()
		}
		start := from + n
		from = start + 1
		found := keyBegin.FindStringIndex(text[start:])
		if found == nil {
			continue
		}
		end := start + found[1]
		for {
			n := strings.Index(text[end:], "-----END ")
			if n < 0 {
				end = len(text)
				break
			}
			end += n
			if found := keyEnd.FindStringIndex(text[end:]); found != nil {
				end += found[1]
				break
			}
			end++
		}
		e.replace(start, end, Masked)
		from = end
	}
}

// minWebhook is how long the shortest webhook is.
const minWebhook = len("discord.com/api/webhooks/x")

// maskWebhooks masks the secret paths of Slack's and Discord's webhooks.
func maskWebhooks(text string) string {
	e := edits{text: text}
	for from := 0; ; {
		n := strings.Index(text[from:], ".com/")
		if n < 0 {
			return e.String()
		}
		host := text[e.done : from+n]
		from += n + len(".com")
		slack := strings.HasSuffix(host, "hooks.slack")
		if !slack && !strings.HasSuffix(host, "discord") && !strings.HasSuffix(host, "discordapp") {
			continue
		}
		found := webhook.FindStringIndex(text[from:])
		if found == nil || slack == strings.HasPrefix(text[from:], "/api/") {
			continue
		}
		path := strings.IndexByte(text[from+1:], '/') + 1
		if !slack {
			path = len("/api/webhooks")
		}
		e.replace(from+path+1, from+found[1], Masked)
		from += found[1]
	}
}

// maskSchemes masks the credentials after Bearer and other schemes.
func maskSchemes(text string) string {
	e := edits{text: text}
	last := 0 // where the value of the scheme before ends
	for i := minScheme; i < len(text); i++ {
		if class[text[i]]&isSpace == 0 || class[text[i-1]]&endsScheme == 0 {
			continue
		}
		scheme := schemeBefore(text[:i])
		if scheme == "" || i-len(scheme) < last {
			continue
		}
		value := i
		for value < len(text) && class[text[value]]&isSpace != 0 {
			value++
		}
		end := value
		for end < len(text) && isCredentialByte(text[end]) {
			end++
		}
		if end-value < minValue {
			i = value - 1
			continue
		}
		for end < len(text) && text[end] == '=' {
			end++
		}
		if isCredential(scheme, text[value:end]) {
			e.replace(i, end, " "+Masked)
		}
		last, i = end, end-1
	}
	return e.String()
}

// minValue is the least length of a credential.
const minValue = 5

// schemeBefore returns the scheme that a text ends with, if it is a word of its own.
func schemeBefore(text string) string {
	scheme := schemeWords[text[len(text)-1]|0x20]
	if scheme == "" || !endsWithWord(text, scheme) {
		return ""
	}
	return text[len(text)-len(scheme):]
}

// isCredentialByte reports whether a byte is one of [\w+/.~:|%-].
func isCredentialByte(c byte) bool {
	return class[c]&inWord != 0 || strings.IndexByte("+/~:|%", c) >= 0
}

// minCredential is the least length of a credential that does not look random.
const minCredential = 8

func isCredential(scheme, value string) bool {
	if strings.EqualFold(scheme, "bearer") {
		return len(value) >= minCredential || looksRandom(value)
	}
	return len(value) >= minCredential && looksRandom(value) && strings.IndexByte(value, ':') < 0 // "digest sha256:…"
}

// looksRandom reports whether a word is not from a language: it has a digit, or a capital
// after its first letter, or ends like base64.
func looksRandom(word string) bool {
	return strings.ContainsAny(word, "0123456789+/=") || strings.ToLower(word[1:]) != word[1:] && strings.ToUpper(word) != word
}
