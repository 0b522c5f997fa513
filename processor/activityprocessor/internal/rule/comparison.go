package rule

import (
	"regexp"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Most rules are simple: they take an attribute, or compare it with a constant. This
// is done here without OTTL, which takes about ten times as long. The results are
// the same. Where they might differ, OTTL decides.

// attributePath matches an expression that is one attribute of the record.
var attributePath = regexp.MustCompile(`^(?:(?:span|log)\.)?attributes\["([^"\\]+)"\]$`)

// attributeOf returns the attribute that an expression names, or "" for any other
// expression.
func attributeOf(expression string) string {
	if found := attributePath.FindStringSubmatch(expression); found != nil {
		return found[1]
	}
	return ""
}

// comparison compares an attribute with a text or a whole number.
type comparison struct {
	attribute string
	text      string
	number    int64
	isNumber  bool
	unequal   bool // != instead of ==
}

var comparisonText = regexp.MustCompile(`^\s*(\S+)\s*(==|!=)\s*(?:"([^"\\]*)"|(-?[0-9]{1,18}))\s*$`)

// comparisonOf returns a condition as a comparison, or nil if it is not one.
func comparisonOf(text string) *comparison {
	found := comparisonText.FindStringSubmatch(text)
	if found == nil {
		return nil
	}
	c := comparison{attribute: attributeOf(found[1]), text: found[3], unequal: found[2] == "!="}
	if found[4] != "" {
		number, err := strconv.ParseInt(found[4], 10, 64)
		if err != nil {
			return nil
		}
		c.number, c.isNumber = number, true
	}
	if c.attribute == "" {
		return nil
	}
	return &c
}

// holds returns whether the comparison is true. sure is false for values that are
// neither text nor whole numbers.
func (c *comparison) holds(attrs pcommon.Map) (holds, sure bool) {
	v, ok := attrs.Get(c.attribute)
	if !ok {
		return c.unequal, true
	}
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return (!c.isNumber && v.Str() == c.text) != c.unequal, true
	case pcommon.ValueTypeInt:
		return (c.isNumber && v.Int() == c.number) != c.unequal, true
	}
	return false, false
}
