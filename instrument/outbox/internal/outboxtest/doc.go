// Package outboxtest tests package outbox on real databases and with the real collector.
// It is a module of its own, so that services that import outbox do not get its drivers.
package outboxtest
