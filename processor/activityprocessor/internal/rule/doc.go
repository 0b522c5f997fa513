// Package rule finds and applies the rule of a span or a log record: it derives an
// activity, or changes one that a service has declared.
//
// Compile makes a [Set] of the configuration, once. An [Engine] then applies it to one
// [Input] after the other.
package rule
