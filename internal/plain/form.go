package plain

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// kind is how a value is taken apart.
type kind uint8

const (
	leaf kind = iota
	object
	mapping
	list
	hidden
)

// form is a value behind its pointers and interfaces.
type form struct {
	kind  kind
	value any           // of a leaf: plain
	at    time.Time     // of a leaf that is a time
	v     reflect.Value // a struct, a map, a slice or an array
	info  *typeInfo     // of an object
	from  origin
	s     secret // of what is hidden
}

// origin tells values that are the same one, not only equal.
type origin struct {
	pointer uintptr
	length  int
	t       reflect.Type
}

func leafOf(value any) form { return form{value: value} }

// isEmpty reports whether a form is null, or a list or map without members.
func (f *form) isEmpty() bool {
	switch f.kind {
	case leaf:
		return f.value == nil
	case mapping, list:
		return f.v.Len() == 0
	}
	return false
}

// opener takes values apart.
type opener struct {
	raw      bool // to be compared: secrets as they are, times in UTC
	byFields bool // a struct with fields by its fields, even if it has a method String
}

// maxPointers bounds how many pointers lead to a value, in case one points to itself.
const maxPointers = 32

// open follows pointers and interfaces to a value. A pointer has the form of what it
// points to.
func (o *opener) open(v reflect.Value) form {
	var pointer reflect.Value
	for range maxPointers {
		switch {
		case !v.IsValid():
			return leafOf(nil)
		case v.Kind() == reflect.Interface:
			v = v.Elem()
		case v.Kind() == reflect.Pointer && v.IsNil():
			return leafOf(nil)
		case v.Kind() == reflect.Pointer:
			pointer, v = v, v.Elem()
		default:
			return o.openBase(v, pointer)
		}
	}
	return leafOf(endless)
}

// openBase opens a value that is no pointer and no interface.
func (o *opener) openBase(v, pointer reflect.Value) form {
	if v.Type() == secretType {
		s := v.Interface().(secret)
		if o.raw {
			return o.open(s.v)
		}
		return form{kind: hidden, s: s}
	}
	if v.Type() == keyedType {
		return o.open(v.FieldByName("Value"))
	}
	if k := v.Kind(); (k == reflect.Map || k == reflect.Slice || k == reflect.Func || k == reflect.Chan) && v.IsNil() {
		return leafOf(nil)
	}
	info := infoOf(v.Type())
	if info.isNull {
		if !v.Field(1).Bool() {
			return leafOf(nil)
		}
		return o.open(v.Field(0))
	}
	if info.form != noText && v.CanInterface() && !o.prefersFields(info) {
		switch r := info.textRule(v); {
		case r == show, r == mask && o.raw:
			return o.openText(v, pointer, info)
		case r == mask:
			return form{kind: hidden, s: secret{v, mask}}
		}
	}
	f := o.openKind(v, info)
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		f.from = origin{v.Pointer(), v.Len(), v.Type()}
	default:
		if pointer.IsValid() {
			f.from = origin{pointer: pointer.Pointer(), t: v.Type()}
		}
	}
	return f
}

// prefersFields reports whether a struct is taken apart although it has a text.
func (o *opener) prefersFields(info *typeInfo) bool {
	return o.byFields && info.form == stringText && len(info.fields) > 0 && !info.marshals && !info.isURL
}

func (o *opener) openKind(v reflect.Value, info *typeInfo) form {
	switch k := v.Kind(); k {
	case reflect.Struct:
		if info.isProto && len(info.fields) == 0 {
			return leafOf(fmt.Sprintf("(%s cannot be recorded: use protodiff)", v.Type()))
		}
		return form{kind: object, v: v, info: info}
	case reflect.Map:
		return form{kind: mapping, v: v}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return leafOf(bytesOf(v))
		}
		return form{kind: list, v: v}
	default:
		return leafOf(basicOf(v))
	}
}

func bytesOf(v reflect.Value) []byte {
	if v.Kind() == reflect.Slice {
		return bytes.Clone(v.Bytes())
	}
	all := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(all), v.Convert(reflect.ArrayOf(v.Len(), reflect.TypeFor[byte]())))
	return all
}

// basicOf returns the plain form of a bool, a number or a text.
func basicOf(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.Bool:
		return v.Bool()
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		if u := v.Uint(); u > math.MaxInt64 {
			return strconv.FormatUint(u, 10)
		}
		return int64(v.Uint())
	case v.Kind() == reflect.Float32:
		short, err := strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', -1, 32), 64)
		if err != nil {
			return v.Float()
		}
		return finite(short)
	case v.CanFloat():
		return finite(v.Float())
	case v.Kind() == reflect.String:
		return v.String()
	}
	return fmt.Sprintf("(%s cannot be recorded: it has no JSON form)", v.Type())
}

// finite returns f, or its text if it is not a JSON number.
func finite(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return f
}

// guard calls a method of a value of type t. The text says so if it panics.
func guard(t reflect.Type, method func() any) (value any) {
	defer func() {
		if recover() != nil {
			value = fmt.Sprintf("(%s cannot be recorded: it panics)", t)
		}
	}()
	return method()
}

// openText returns the form that a value gives itself.
func (o *opener) openText(v, pointer reflect.Value, info *typeInfo) form {
	var parsed any
	isJSON := false
	var at time.Time
	value := guard(v.Type(), func() any {
		switch info.form {
		case numberText:
			return activity.JSONNumber(json.Number(v.String()))
		case timeText:
			at = timeOf(v, pointer)
			if o.raw {
				at = at.UTC()
			}
			return at.Format(time.RFC3339Nano)
		}
		pointer = pointerTo(v, pointer)
		var text string
		text, parsed, isJSON = textOf(pointer.Interface(), info.form)
		return text
	})
	if isJSON {
		return o.open(reflect.ValueOf(parsed))
	}
	return form{value: value, at: at}
}

// timeOf returns the time that a value is or gives.
func timeOf(v, pointer reflect.Value) time.Time {
	if v.CanConvert(timeType) {
		return v.Convert(timeType).Interface().(time.Time)
	}
	return pointerTo(v, pointer).Interface().(interface{ AsTime() time.Time }).AsTime()
}

// pointerTo returns a pointer to a value, since its methods may be those of the pointer.
func pointerTo(v, pointer reflect.Value) reflect.Value {
	if !pointer.IsValid() {
		pointer = reflect.New(v.Type())
		pointer.Elem().Set(v)
	}
	return pointer
}

// textOf returns what a method of a value says, or the JSON that it gives.
func textOf(value any, from textForm) (text string, parsed any, isJSON bool) {
	switch from {
	case durationText:
		return value.(interface{ AsDuration() time.Duration }).AsDuration().String(), nil, false
	case errorText:
		return value.(error).Error(), nil, false
	case stringText:
		return value.(fmt.Stringer).String(), nil, false
	case marshalText:
		text, err := value.(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return noForm(value), nil, false
		}
		return string(text), nil, false
	}
	all, err := json.Marshal(value)
	if err != nil {
		return noForm(value), nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(all))
	decoder.UseNumber()
	if decoder.Decode(&parsed) != nil {
		return string(all), nil, false
	}
	return "", parsed, true
}

func noForm(pointer any) string {
	return fmt.Sprintf("(%s cannot be recorded: it has no JSON form)", reflect.TypeOf(pointer).Elem())
}

// keyText returns the text of the key of a map.
func keyText(v reflect.Value) (text string, ok bool) {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() == reflect.String {
		return v.String(), true
	}
	f := (&opener{}).open(v)
	if f.kind != leaf || f.value == nil {
		return "", false
	}
	return scalarText(f.value)
}

// scalarText returns the text of a plain value that is no list and no map.
func scalarText(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return "", false
}
