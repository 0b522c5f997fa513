// Package webtest tests package web on real databases, and its page in a real browser. It
// is a module of its own: a service that embeds package web gets no driver and no browser.
package webtest
