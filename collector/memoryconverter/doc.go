// Package memoryconverter sets Go's memory limit from the processor memory_limiter
// of a Collector's configuration. It is a converter of configurations, because a
// converter sees the whole configuration before anything runs. It changes nothing
// in it.
//
// Near the limit Go collects garbage more often, so that the memory_limiter refuses
// data only when memory is really in use, and not when much of it is garbage.
// GOMEMLIMIT stays as an operator has set it.
//
// GOGC stays at Go's default. With 200 the Collector needed 520 MiB beside a
// hostile sender, instead of 405, and the time that it saved was within the noise.
package memoryconverter
