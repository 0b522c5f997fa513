// Package rule finds the rule of a span or a log record and does what it says: it
// derives activities, or changes those that a service has declared.
//
// Compile makes a [Set] of the configuration, once. An [Engine] then applies it to
// one [Input] after the other.
package rule
