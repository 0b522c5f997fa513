package protodiff

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/internal/plain"
)

// Option is an option of [Diff].
type Option func(*tree)

// WithMask compares only the fields that an update request names. A path names a field
// with all that is below it; "*" is all fields, and so is a mask without paths. A path
// that is no field of the message is ignored.
func WithMask(mask *fieldmaskpb.FieldMask) Option {
	return func(t *tree) {
		t.paths = append(t.paths, mask.GetPaths()...)
	}
}

// WithID compares the elements of the repeated field at a path, "items" or "order.items",
// by their field id, a number, a text or an enum. If an element has no id, or two of a
// list have the same one, that list is compared by index.
func WithID(path, id string) Option {
	return func(t *tree) {
		if t.ids == nil {
			t.ids = map[string]protoreflect.Name{}
		}
		t.ids[path] = protoreflect.Name(id)
	}
}

// Diff returns what differs between two messages, mostly of one type. A nil message has
// no fields.
func Diff(before, after proto.Message, opts ...Option) instrument.Changes {
	var t tree
	for _, opt := range opts {
		opt(&t)
	}
	return plain.Diff(t.root(before), t.root(after))
}

// Data returns a message as a value for [instrument.Current.SetData] and
// [instrument.Current.SetChange]. A nil message is nil.
func Data(m proto.Message) any {
	var t tree
	return plain.Of(t.root(m))
}

// tree makes trees of maps, lists and scalars from messages.
type tree struct {
	paths []string
	ids   map[string]protoreflect.Name
}

// root returns the tree of a message.
func (t *tree) root(m proto.Message) any {
	if m == nil || !m.ProtoReflect().IsValid() {
		return nil
	}
	return t.message(m.ProtoReflect(), "", maxDepth)
}

// covers reports whether the field at a path is compared: itself, below one that is, or
// above one that is.
func (t *tree) covers(path string) bool {
	if len(t.paths) == 0 {
		return true
	}
	for _, p := range t.paths {
		if p == "*" || p == path || strings.HasPrefix(path, p+".") || strings.HasPrefix(p, path+".") {
			return true
		}
	}
	return false
}
