package rule

import (
	"regexp"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// What most rules say is simple: an attribute, or whether one is this or that.
// That is done here without OTTL, which takes some ten times as long. What comes
// out is the same; where it might not be, OTTL is asked.

// attributePath finds an expression that is one attribute of the record.
var attributePath = regexp.MustCompile(`^(?:(?:span|log)\.)?attributes\["([^"\\]+)"\]$`)

// attributeOf returns the attribute that an expression is, "" if it is anything else.
func attributeOf(expression string) string {
	if found := attributePath.FindStringSubmatch(expression); found != nil {
		return found[1]
	}
	return ""
}

// comparison is whether an attribute equals a text or a whole number.
type comparison struct {
	attribute string
	text      string
	number    int64
	isNumber  bool
	unequal   bool // whether it does not
}

var comparisonText = regexp.MustCompile(`^\s*(\S+)\s*(==|!=)\s*(?:"([^"\\]*)"|(-?[0-9]{1,18}))\s*$`)

// comparisonOf returns the comparison that a condition is, nil if it is anything
// else.
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

// holds returns the outcome. It is not sure of values that are neither text nor
// whole numbers.
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
