package plain

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
)

// marker is in each value that must not be recorded, and in no other.
const marker = "HUNTER2"

// maker makes types with random tags, and values of them.
type maker struct {
	r       *rand.Rand
	secrets bool           // with tags that hide, and with methods that tell
	inner   []reflect.Type // of values in interfaces
}

func (m *maker) one(n int) bool { return m.r.IntN(n) == 0 }

var scalars = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[uint16](), reflect.TypeFor[float64](), reflect.TypeFor[bool](),
	reflect.TypeFor[[]byte](), reflect.TypeFor[time.Time](), reflect.TypeFor[*time.Time](), reflect.TypeFor[*string](), reflect.TypeFor[any](),
	reflect.TypeFor[time.Duration](), reflect.TypeFor[error](),
}

// structOf makes a type of a struct.
func (m *maker) structOf(depth int) reflect.Type {
	var fields []reflect.StructField
	if m.one(2) {
		fields = append(fields, reflect.StructField{Name: "ID", Type: reflect.TypeFor[int](), Tag: `json:"id" activity:"id"`})
	}
	for i := range 1 + m.r.IntN(4) {
		f := reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: m.typeOf(depth - 1)}
		tags := []string{"", fmt.Sprintf(`json:"f%d"`, i), fmt.Sprintf(`json:"a.b %d"`, i)}
		f.Tag = reflect.StructTag(tags[m.r.IntN(len(tags))])
		if m.secrets && m.one(2) {
			hide := []string{"mask", "hash", "-", "id,mask", " mask ", "mask,-", "redact"}
			f.Tag += reflect.StructTag(fmt.Sprintf(` activity:"%s"`, hide[m.r.IntN(len(hide))]))
		}
		fields = append(fields, f)
	}
	return reflect.StructOf(fields)
}

func (m *maker) typeOf(depth int) reflect.Type {
	if depth <= 0 || m.one(3) {
		return scalars[m.r.IntN(len(scalars))]
	}
	t := m.structOf(depth)
	switch m.r.IntN(6) {
	case 0:
		return reflect.PointerTo(t)
	case 1:
		return reflect.SliceOf(t)
	case 2:
		return reflect.SliceOf(reflect.PointerTo(t))
	case 3:
		return reflect.MapOf(reflect.TypeFor[string](), t)
	case 4:
		return reflect.ArrayOf(2, t)
	}
	return t
}

// fill sets v to a random value. In what is hidden, each text has the marker.
func (m *maker) fill(v reflect.Value, hidden bool, depth int) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(m.r.Int64N(3), 0).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(m.text(hidden))
	case reflect.Bool:
		v.SetBool(m.one(2))
	case reflect.Int, reflect.Int64:
		v.SetInt(m.number(hidden))
	case reflect.Uint16:
		v.SetUint(uint64(m.r.IntN(3)))
	case reflect.Float64:
		v.SetFloat(float64(m.number(hidden)))
	case reflect.Pointer:
		if !m.one(4) {
			v.Set(reflect.New(v.Type().Elem()))
			m.fill(v.Elem(), hidden, depth)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), m.r.IntN(3), 3))
		for i := range v.Len() {
			m.fill(v.Index(i), hidden, depth)
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(m.text(hidden)))
		}
	case reflect.Array:
		for i := range v.Len() {
			m.fill(v.Index(i), hidden, depth)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range m.r.IntN(3) {
			element := reflect.New(v.Type().Elem()).Elem()
			m.fill(element, hidden, depth)
			v.SetMapIndex(reflect.ValueOf([]string{"a", "b c", `"=.[`}[m.r.IntN(3)]), element)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			rule, _ := ruleOf(v.Type().Field(i).Tag)
			m.fill(v.Field(i), hidden || rule != show, depth)
		}
	case reflect.Interface:
		m.fillInterface(v, hidden, depth)
	}
}

func (m *maker) text(hidden bool) string {
	if hidden {
		return marker + string(rune('a'+m.r.IntN(3)))
	}
	return string(rune('a' + m.r.IntN(3)))
}

// secretNumber is a number that only hidden fields have.
const secretNumber = 777_000_777

func (m *maker) number(hidden bool) int64 {
	if hidden {
		return secretNumber
	}
	return m.r.Int64N(4)
}

func (m *maker) fillInterface(v reflect.Value, hidden bool, depth int) {
	if v.Type() == errorType {
		if m.secrets && !m.one(3) {
			v.Set(reflect.ValueOf(m.telling()))
		} else if m.one(2) {
			v.Set(reflect.ValueOf(errors.New(m.text(hidden))))
		}
		return
	}
	switch n := m.r.IntN(6); {
	case n == 0:
		v.Set(reflect.ValueOf(m.text(hidden)))
	case n == 1:
		v.Set(reflect.ValueOf(m.number(hidden)))
	case n == 2 && m.secrets:
		v.Set(reflect.ValueOf(m.telling()))
	case depth > 0 && n > 2:
		typ := m.typeOf(0)
		if len(m.inner) > 0 {
			typ = m.inner[m.r.IntN(len(m.inner))]
		}
		inner := reflect.New(typ).Elem()
		m.fill(inner, hidden, depth-1)
		v.Set(inner)
	}
}

// telling returns a value with a method that tells a secret.
func (m *maker) telling() error {
	s := login{Name: "n", Password: m.text(true)}
	all := []error{
		s, &s, embeds{s}, &embeds{s}, wraps{s}, &wraps{err: s}, deep{map[string]*login{"a": &s}}, marshals{login: s},
		fmt.Errorf("log in: %w", s), fmt.Errorf("again: %w", fmt.Errorf("log in: %w", &s)), errors.Join(errors.New("a"), s),
		exposes{Err: s, Any: []any{map[string]any{"s": &s}}}, logins{s}, keyed{{s}: 1}, &behind{[]any{&s}}, public{login: s}, anys{&s},
	}
	return all[m.r.IntN(len(all))]
}

type login struct {
	Name     string
	Password string `json:"password" activity:"mask"`
}

func (l login) Error() string                { return l.Name + ":" + l.Password }
func (l login) String() string               { return l.Error() }
func (l login) MarshalText() ([]byte, error) { return []byte(l.Error()), nil }
func (l login) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", l.Error()), nil }

type (
	embeds   struct{ login }
	wraps    struct{ err error }
	deep     struct{ by map[string]*login }
	marshals struct {
		time.Time
		login login
	}
	exposes struct {
		Err error
		Any any
	}
	logins []login
	anys   []any
	key    struct{ l login }
	keyed  map[key]int
	behind struct{ all []any }
	public struct {
		login
		Note string
	}
)

func (w wraps) Error() string                     { return w.err.Error() }
func (d deep) Error() string                      { return d.by["a"].Error() }
func (m marshals) Error() string                  { return m.login.Error() }
func (e exposes) Error() string                   { return e.Err.Error() }
func (l logins) Error() string                    { return l[0].Error() }
func (k key) MarshalText() (text []byte, _ error) { return []byte(k.l.Error()), nil }
func (k keyed) Error() string                     { return fmt.Sprint(map[key]int(k)) }
func (a anys) Error() string                      { return fmt.Sprint([]any(a)...) }
func (b *behind) Error() string                   { return fmt.Sprint(b.all...) }

// isSecret reports whether a text has a secret of the maker.
func isSecret(text string) bool {
	return strings.Contains(text, marker) || strings.Contains(text, fmt.Sprint(secretNumber)) ||
		strings.Contains(text, "SFVOVEVSM") // in base64
}
