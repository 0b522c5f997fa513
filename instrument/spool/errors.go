package spool

import (
	"context"
	"regexp"
	"strconv"
	"strings"
)

// verdict says what an error of the exporter means for a batch.
type verdict int

const (
	taken   verdict = iota // all of it, or all but what is counted
	away                   // nobody took it; the next batch would fare the same
	unclear                // it may be the batch's own fault or not
	refused                // it, or one record of it, is refused for good
)

// Exporters of the SDK return errors without types, so their texts decide.
// TestExporterErrors holds them against the real ones. All are looked for at
// the beginning: what follows may be text of a server, and that of an answer
// "try again" may speak of an InvalidArgument somewhere else.
var (
	httpRetry  = regexp.MustCompile(`^(?:[a-z ]+: )*retry-able request failure`)
	httpStatus = regexp.MustCompile(`^failed to send logs to \S+: (\d{3}) `)
	grpcCode   = regexp.MustCompile(`^(?:[a-z ]+: )*rpc error: code = (\w+) desc = (.*)`)
	partial    = regexp.MustCompile(`(?s)^OTLP partial success: .*\((\d+) logs rejected\)`)
	ownFault   = regexp.MustCompile(`^(?:proto:.*|string field )contains invalid UTF-8|^request (?:body|message) too large: exceeded`)
)

// judge returns what err means, and how many records of the batch were
// rejected while the rest was taken.
func judge(err error) (v verdict, rejected int) {
	if err == nil {
		return taken, 0
	}
	text := err.Error()
	if httpRetry.MatchString(text) {
		return away, 0
	}
	if status := httpStatus.FindStringSubmatch(text); status != nil {
		return judgeHTTP(status[1]), 0
	}
	if m := grpcCode.FindStringSubmatch(text); m != nil {
		return judgeGRPC(m[1], m[2]), 0
	}
	if m := partial.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return taken, n
	}
	if ownFault.MatchString(text) {
		return refused, 0
	}
	for _, part := range network {
		if strings.Contains(text, part) {
			return away, 0
		}
	}
	return unclear, 0
}

// network is in texts of errors before there was an answer.
var network = []string{"connect", "dial ", "EOF", "tls: ", "x509: ",
	context.DeadlineExceeded.Error(), context.Canceled.Error()}

func judgeHTTP(status string) verdict {
	switch status {
	case "400", "413", "422":
		return refused
	case "401", "404", "407", "408", "429", "502", "503", "504":
		return away // configuration can be corrected, and overload ends
	}
	return unclear // such as 403: one record may be for a tenant that the sender may not write for
}

func judgeGRPC(code, text string) verdict {
	switch code {
	case "InvalidArgument":
		return refused
	case "Internal", "ResourceExhausted":
		// By gRPC itself, on either side: it cannot be encoded, or is too large.
		if strings.HasPrefix(text, "grpc: ") && (strings.Contains(text, "marshal") || strings.Contains(text, "larger than max")) ||
			strings.HasPrefix(text, "trying to send message larger than max") {
			return refused
		}
		if code == "ResourceExhausted" {
			return away
		}
	case "Unavailable", "DeadlineExceeded", "Canceled", "Aborted", "Unauthenticated", "Unimplemented":
		return away
	}
	return unclear
}
