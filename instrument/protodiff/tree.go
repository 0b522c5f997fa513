package protodiff

import (
	"encoding/json"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/otelactivity/activitylog/internal/plain"
)

// maxDepth is more than what is compared, so that what is deeper is said.
const maxDepth = 20

// message returns the tree of a message.
func (t *tree) message(m protoreflect.Message, path string, depth int) any {
	if depth == 0 {
		return nil
	}
	if value, ok := t.wellKnown(m, path, depth); ok {
		return value
	}
	fields := map[string]any{}
	descriptors := m.Descriptor().Fields()
	for i := range descriptors.Len() {
		t.field(fields, m, descriptors.Get(i), path, depth)
	}
	return fields
}

func (t *tree) field(fields map[string]any, m protoreflect.Message, f protoreflect.FieldDescriptor, path string, depth int) {
	below := join(path, string(f.Name()))
	if !t.covers(below) || f.HasPresence() && !m.Has(f) {
		return
	}
	value := t.value(f, m.Get(f), below, depth)
	if isRedacted(f) {
		value = plain.Mask(value)
	}
	fields[string(f.Name())] = value
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// isRedacted reports whether a field has the option debug_redact.
func isRedacted(f protoreflect.FieldDescriptor) bool {
	options, ok := f.Options().(*descriptorpb.FieldOptions)
	return ok && options.GetDebugRedact()
}

func (t *tree) value(f protoreflect.FieldDescriptor, v protoreflect.Value, path string, depth int) any {
	switch {
	case f.IsMap():
		all := make(map[string]any, v.Map().Len())
		v.Map().Range(func(key protoreflect.MapKey, element protoreflect.Value) bool {
			all[key.String()] = t.one(f.MapValue(), element, join(path, key.String()), depth)
			return true
		})
		return all
	case f.IsList():
		list := make([]any, v.List().Len())
		for i := range list {
			list[i] = t.element(f, v.List().Get(i), path, depth)
		}
		return list
	}
	return t.one(f, v, path, depth)
}

// element returns an element of a repeated field, with its id if it has one.
func (t *tree) element(f protoreflect.FieldDescriptor, v protoreflect.Value, path string, depth int) any {
	value := t.one(f, v, path, depth)
	name, ok := t.ids[path]
	if !ok || f.Message() == nil {
		return value
	}
	id := f.Message().Fields().ByName(name)
	if id == nil || id.IsList() || id.Message() != nil || isRedacted(id) || !v.Message().Has(id) {
		return value
	}
	return plain.Keyed{Name: string(name), Key: keyOf(id, v.Message().Get(id)), Value: value}
}

func keyOf(id protoreflect.FieldDescriptor, v protoreflect.Value) string {
	if value := id.Enum(); value != nil {
		return enumName(value, v.Enum())
	}
	return v.String()
}

// one returns a single value.
func (t *tree) one(f protoreflect.FieldDescriptor, v protoreflect.Value, path string, depth int) any {
	switch f.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return t.message(v.Message(), path, depth-1)
	case protoreflect.EnumKind:
		return enumName(f.Enum(), v.Enum())
	case protoreflect.BytesKind:
		return append([]byte{}, v.Bytes()...) // not nil
	}
	return v.Interface()
}

// enumName returns the name of a value, or its number if it has none.
func enumName(e protoreflect.EnumDescriptor, n protoreflect.EnumNumber) string {
	if value := e.Values().ByNumber(n); value != nil {
		return string(value.Name())
	}
	return strconv.Itoa(int(n))
}

// wellKnown returns the JSON form of a well-known type.
func (t *tree) wellKnown(m protoreflect.Message, path string, depth int) (value any, ok bool) {
	switch m.Descriptor().FullName() {
	case "google.protobuf.Any":
		return t.anyOf(m, path, depth), true
	case "google.protobuf.DoubleValue", "google.protobuf.FloatValue", "google.protobuf.Int64Value", "google.protobuf.UInt64Value",
		"google.protobuf.Int32Value", "google.protobuf.UInt32Value", "google.protobuf.BoolValue", "google.protobuf.StringValue",
		"google.protobuf.BytesValue":
		return m.Get(m.Descriptor().Fields().ByName("value")).Interface(), true
	case "google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask",
		"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue":
	default:
		return nil, false
	}
	text, err := protojson.Marshal(m.Interface())
	if err != nil || json.Unmarshal(text, &value) != nil {
		return nil, false // by its fields: a time in the year 10000
	}
	return value, true
}

// anyOf returns the message in an Any. What cannot be read may have a secret, so only its
// digest is recorded.
func (t *tree) anyOf(m protoreflect.Message, path string, depth int) any {
	of := func(field protoreflect.Name) protoreflect.Value {
		return m.Get(m.Descriptor().Fields().ByName(field))
	}
	wrapped := &anypb.Any{TypeUrl: of("type_url").String(), Value: of("value").Bytes()}
	fields := map[string]any{"value": plain.Hash(wrapped.GetValue())}
	if inner, err := wrapped.UnmarshalNew(); err == nil {
		value := t.message(inner.ProtoReflect(), path, depth-1)
		var ok bool
		if fields, ok = value.(map[string]any); !ok {
			fields = map[string]any{"value": value}
		}
	}
	fields["@type"] = wrapped.GetTypeUrl()
	return fields
}
