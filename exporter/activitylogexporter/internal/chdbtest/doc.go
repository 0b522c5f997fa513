// Package chdbtest runs a current ClickHouse for tests, where no server of it can
// be installed: the engine is libchdb.so of the npm package @chdb/lib-linux-x64-gnu,
// which is ClickHouse as a library. In front of it is the part of ClickHouse's HTTP
// interface that github.com/ClickHouse/clickhouse-go uses. Both run in a process of
// their own, a second run of the test program, so that they can be killed.
//
// It is a module of its own, so that neither the library's loader nor what the
// tests compare with becomes a requirement of the exporter.
package chdbtest
