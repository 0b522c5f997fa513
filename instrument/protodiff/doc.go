// Package protodiff finds what differs between two protobuf messages, for
// [github.com/otelactivity/activitylog/instrument.Current.SetChanges]:
//
//	changes := protodiff.Diff(stored, request.GetBook(), protodiff.WithMask(request.GetUpdateMask()))
//	instrument.FromContext(ctx).SetChanges(changes)
//
// It is a module of its own, so that package instrument does without protobuf.
//
// # Paths
//
// Fields have the names that the .proto file gives them, as in field masks. Paths and
// bounds are those of [instrument.Diff]: "address.city", "tags[3]", "labels.color". The
// elements of a repeated field are compared by index. [WithID] compares them by one of
// their fields instead: "items[id=7].price".
//
// # Values
//
// Enum values have their names, and 64-bit numbers are numbers. The well-known types
// have the form that they have in JSON: a Timestamp is a text of RFC 3339, a Duration a
// text such as "1.500s", a wrapper its value; a Struct is a map; an Any is the message in
// it, with its type in "@type", or the digest of its bytes if the type is not known. A field that is not
// set is nil, except for scalars, lists and maps without presence, which have their
// default value. Unknown fields are not compared.
//
// # Secrets
//
// A field with the option debug_redact is masked: "****", at any depth. That it changed
// can be seen.
package protodiff
