// Package memoryconverter sets the targets of Go's garbage collector from the
// processor memory_limiter of a Collector's configuration. It is a converter of
// configurations, because a converter sees the whole configuration before
// anything runs. It changes nothing in it.
//
// With Go's own defaults a Collector collects garbage whenever its memory has
// doubled, however much more it may use, and knows no limit. GOMEMLIMIT and GOGC
// stay as an operator has set them.
package memoryconverter
