package wire

// JSON is a Scanner of the JSON encoding. It reads only brackets, commas and quotation
// marks; the decoder checks the rest.
type JSON struct {
	limits  Limits
	members int // of lists
	objects int // that are members of objects

	open    []byte // the brackets that are open, the outermost first
	quoted  bool   // within a text
	escaped bool   // after a backslash in a text
	first   bool   // after a bracket that opens a list, before its first member
}

// How many brackets OTLP has around the value of an attribute of a span's event,
// and how many each value within a value adds: {"kvlistValue":{"values":[{"value":{.
const (
	jsonAround = 14
	jsonLevel  = 4
)

// NewJSON returns a scanner for one request.
func NewJSON(limits Limits) *JSON { return &JSON{limits: limits} }

// Elements returns how many elements were read so far.
func (j *JSON) Elements() int { return j.members + j.objects }

// Memory returns about how many bytes they need when they are decoded.
func (j *JSON) Memory() int64 { return int64(j.Elements()) * jsonBytes }

// Scan reads the next piece.
func (j *JSON) Scan(piece []byte) error {
	for _, c := range piece {
		if j.quoted {
			switch {
			case j.escaped:
				j.escaped = false
			case c == '\\':
				j.escaped = true
			case c == '"':
				j.quoted = false
			}
			continue
		}
		if err := j.token(c); err != nil {
			return err
		}
	}
	return nil
}

// token reads a byte outside of texts.
func (j *JSON) token(c byte) error {
	switch c {
	case ' ', '\t', '\r', '\n':
		return nil
	case ']', '}':
		j.first = false
		if len(j.open) > 0 {
			j.open = j.open[:len(j.open)-1]
		}
		return nil
	case ',':
		if j.inList() {
			j.members++
		}
	default:
		if j.first {
			j.members++
			j.first = false
		}
	}
	switch c {
	case '"':
		j.quoted = true
	case '[', '{':
		if c == '{' && !j.inList() {
			j.objects++
		}
		j.first = c == '['
		if j.open = append(j.open, c); len(j.open) > jsonAround+jsonLevel*j.limits.Depth {
			return tooDeep(j.limits.Depth)
		}
	}
	if j.members > j.limits.Elements || j.objects > j.limits.Elements {
		return tooMany(j.limits.Elements)
	}
	return nil
}

func (j *JSON) inList() bool { return len(j.open) > 0 && j.open[len(j.open)-1] == '[' }
