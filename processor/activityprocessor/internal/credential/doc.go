// Package credential finds the user of a request by what the client has sent: a header, a
// token, a cookie, a client certificate. The rules are those of the key identity; the
// first one that finds somebody counts. It writes user.id and the like to the request's
// span, as a service would have done, and the rest of the processor derives the actor
// from them.
//
// It reads server spans only, and only if the server has accepted the request. Nothing is
// found for a span that is an activity already, or that names somebody or nobody itself.
//
// The headers that the rules read are removed from all spans and log records, also where
// they name nobody, so that no secret leaves the processor.
//
// Read finder.go first, then request.go and answer.go, and then the kinds of rule:
// header.go with text.go, basic.go, token.go with claims.go, keyset.go, keys.go and
// load.go, cookie.go, subject.go.
package credential
