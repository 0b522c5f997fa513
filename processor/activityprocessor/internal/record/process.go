package record

import (
	"hash/maphash"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// ProcessOf returns a number for the process of a service, as far as the resource tells
// processes apart.
func ProcessOf(seed maphash.Seed, resource pcommon.Resource) uint64 {
	var parts [3]string
	for key, v := range resource.Attributes().All() {
		switch key {
		case "service.name":
			parts[0] = v.AsString()
		case "service.namespace":
			parts[1] = v.AsString()
		case "service.instance.id":
			parts[2] = v.AsString()
		}
	}
	return maphash.Comparable(seed, parts)
}

// Bits of a span's flags, by OTLP: whether the parent is in another process, and whether
// that bit means anything.
const (
	flagsKnown  = 0x100
	flagsRemote = 0x200
)

// HasRemoteParent reports whether a span says that its parent is in another process.
func HasRemoteParent(span ptrace.Span) bool {
	return span.Flags()&(flagsKnown|flagsRemote) == flagsKnown|flagsRemote
}

// HasLocalParent reports whether a span says that its parent is in the same process.
func HasLocalParent(span ptrace.Span) bool {
	return span.Flags()&(flagsKnown|flagsRemote) == flagsKnown && !span.ParentSpanID().IsEmpty()
}
