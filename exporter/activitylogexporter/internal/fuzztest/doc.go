// Package fuzztest feeds arbitrary telemetry to the activity processor and what
// comes out of it to the exporter's rows. It is a module of its own because the
// two know nothing of each other otherwise.
package fuzztest
