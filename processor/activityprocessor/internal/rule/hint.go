package rule

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
)

// hint returns what an invalid expression may have been meant to be, as the end of an
// error, or "".
func hint(text string, err error) string {
	bare := quotedText.ReplaceAllString(text, `""`)
	switch {
	case dottedAttribute.MatchString(bare):
		dotted := dottedAttribute.FindStringSubmatch(bare)
		return fmt.Sprintf("; hint: OTTL has brackets for attributes: %s[%q]", dotted[1], dotted[2])
	case strings.Contains(bare, "'"):
		return `; hint: OTTL has double quotes for text: "…"`
	case singleEqual.MatchString(bare):
		return "; hint: OTTL compares with =="
	case andSymbol.MatchString(bare):
		return "; hint: OTTL has and, or, not"
	case strings.Contains(bare, "span.") && strings.Contains(bare, "log."):
		return "; hint: a rule is for spans or for log records; make two rules of it"
	case spanInLog.MatchString(err.Error()):
		return "; hint: see the rule's context"
	case smallFunction.MatchString(bare):
		return functionHint(smallFunction.FindStringSubmatch(bare)[1])
	}
	if name := unknownFunction.FindStringSubmatch(err.Error()); name != nil {
		return functionHint(name[1])
	}
	if unknownPath.MatchString(err.Error()) {
		return `; hint: an attribute is attributes["name"], one of the resource resource.attributes["name"]`
	}
	return ""
}

// proseHint is the hint for a value that was meant as a sentence.
func proseHint(text string) string {
	if prose.MatchString(text) {
		return `; hint: text with brackets, parentheses or quotation marks in it is to be quoted as a whole, with \" inside`
	}
	return ""
}

var (
	quotedText      = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	singleEqual     = regexp.MustCompile(`[^=!<>]=(?:[^=]|$)`)
	andSymbol       = regexp.MustCompile(`&&|\|\|`)
	unknownFunction = regexp.MustCompile(`undefined function "(\w+)"`)
	spanInLog       = regexp.MustCompile(`segment "(?:span|log)" from path "(?:span|log)\.(?:span|log)\.`)
	smallFunction   = regexp.MustCompile(`\b([a-z]\w*)\(`)
	prose           = regexp.MustCompile(`^[\pL\pN][\pL\pN'’=:,.-]*\s+["\pL\pN(]`)
	unknownPath     = regexp.MustCompile(`not a valid path`)
)

// functionHint names the function that differs only in case.
func functionHint(name string) string {
	for known := range ottlfuncs.StandardConverters[any]() {
		if strings.EqualFold(known, name) {
			return "; hint: the function is " + known
		}
	}
	return "; hint: the functions are the converters of pkg/ottl, such as IsMatch, Concat, ToLowerCase"
}

// dottedAttribute matches what other configurations write for attributes["a.b"].
var dottedAttribute = regexp.MustCompile(`\b((?:resource\.|scope\.|span\.|log\.)?attributes)\.([A-Za-z_][\w.]*)`)
