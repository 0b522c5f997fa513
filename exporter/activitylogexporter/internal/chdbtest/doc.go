// Package chdbtest runs a current ClickHouse for tests, where no server of it can
// be installed: the engine is libchdb.so of the npm package @chdb/lib-linux-x64-gnu,
// which is ClickHouse as a library, and before it stands as much of ClickHouse's
// HTTP interface as github.com/ClickHouse/clickhouse-go uses. Both run in a process
// of their own, the test program started again, so that they can be killed.
//
// It is a module of its own, so that neither the library's loader nor what the
// tests compare with becomes a requirement of the exporter.
package chdbtest
