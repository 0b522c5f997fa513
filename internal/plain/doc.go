// Package plain copies values of any Go type to plain ones, which telemetry can carry,
// and compares two of them member by member. Both keep to the tags of struct fields that
// say what must not be recorded:
//
//	`activity:"-"`     is left out
//	`activity:"mask"`  is recorded as "****"
//	`activity:"hash"`  is recorded as the beginning of its SHA-256
//	`activity:"id"`    names the element of a list; it is recorded as it is
//
// A plain value consists of nil, bool, int64, float64, string, []byte, []any and
// map[string]any. Packages instrument and protodiff share this one; it has the standard
// library only, and is no API.
package plain
