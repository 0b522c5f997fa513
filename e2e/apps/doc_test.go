// Package apps_test runs real applications that nobody here wrote, unchanged, and
// compares the rows with what was done. Most are npm packages with OpenTelemetry's
// zero-code instrumentation and languages/node/user.cjs, two are Go programs with
// otelhttp. Their spans go through the real collector with the shipped configuration.
//
// testdata has a golden file for each application: each act, and below it its rows.
// Read the difference after
//
//	go test -tags apps ./apps -update
//
// before you believe it: a row must not state what did not happen. Run it by make
// test-apps, which installs the applications.
package apps_test
