// Package dashboardtest runs what the Grafana dashboards ask, against the real
// databases. It reads the generated files in the folder dashboards, expands
// macros and variables as Grafana and its plugins do, and compares the answers
// with what Go computes from the same rows.
//
// It is a module of its own, so that it has all databases, and the dashboards
// none.
package dashboardtest
