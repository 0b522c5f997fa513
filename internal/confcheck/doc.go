// Package confcheck reads and checks the configuration of the components, so that
// one run of the Collector prints all mistakes, each with its whole path.
//
// The Collector writes the path of what a method Validate returns, so each check is
// a method of the type of its field. The Collector stops at the first component that
// it cannot decode, so [Decode] leaves out what cannot be decoded and keeps it for
// Validate: numbers and durations keep the problem in their value, everything else
// in the [Problems] of the struct.
package confcheck
