package spool

import (
	"context"
	"regexp"
	"strconv"
	"strings"
)

// verdict is what an error of the exporter means for a batch.
type verdict int

const (
	accepted    verdict = iota // all records were accepted, except a reported number
	unreachable                // not accepted, and the next batch would not be either
	unclear                    // the cause may be the batch or not
	rejected                   // the batch, or a record of it, will never be accepted
)

// The exporters of the SDK return untyped errors, so we match their texts.
// TestExporterErrors compares these with the real ones. Only the beginning of an error
// is matched: the rest may be a server's text, in which an answer that can be retried
// may quote an InvalidArgument of another server.
var (
	httpRetry  = regexp.MustCompile(`^(?:[a-z ]+: )*retry-able request failure`)
	httpStatus = regexp.MustCompile(`^failed to send logs to \S+: (\d{3}) `)
	grpcCode   = regexp.MustCompile(`^(?:[a-z ]+: )*rpc error: code = (\w+) desc = (.*)`)
	partial    = regexp.MustCompile(`(?s)^OTLP partial success: .*\((\d+) logs rejected\)`)
	ownFault   = regexp.MustCompile(`^(?:proto:.*|string field )contains invalid UTF-8|^request (?:body|message) too large: exceeded`)
)

// judge returns what err means, and how many records of the batch were rejected while
// the rest was accepted.
func judge(err error) (v verdict, rejectedRecords int) {
	if err == nil {
		return accepted, 0
	}
	text := err.Error()
	if httpRetry.MatchString(text) {
		return unreachable, 0
	}
	if status := httpStatus.FindStringSubmatch(text); status != nil {
		return judgeHTTP(status[1]), 0
	}
	if m := grpcCode.FindStringSubmatch(text); m != nil {
		return judgeGRPC(m[1], m[2]), 0
	}
	if m := partial.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return accepted, n
	}
	if ownFault.MatchString(text) {
		return rejected, 0
	}
	for _, part := range network {
		if strings.Contains(text, part) {
			return unreachable, 0
		}
	}
	return unclear, 0
}

// network are parts of the texts of errors without an answer of the server.
var network = []string{"connect", "dial ", "EOF", "tls: ", "x509: ",
	context.DeadlineExceeded.Error(), context.Canceled.Error()}

func judgeHTTP(status string) verdict {
	switch status {
	case "400", "413", "422":
		return rejected
	case "401", "404", "407", "408", "429", "502", "503", "504":
		return unreachable // the configuration can be fixed, and an overload ends
	}
	return unclear // such as 403: the sender may not write for the tenant of one record
}

func judgeGRPC(code, text string) verdict {
	switch code {
	case "InvalidArgument":
		return rejected
	case "Internal", "ResourceExhausted":
		// From gRPC itself, on either side: it cannot be encoded, or is too large.
		if strings.HasPrefix(text, "grpc: ") && (strings.Contains(text, "marshal") || strings.Contains(text, "larger than max")) ||
			strings.HasPrefix(text, "trying to send message larger than max") {
			return rejected
		}
		if code == "ResourceExhausted" {
			return unreachable
		}
	case "Unavailable", "DeadlineExceeded", "Canceled", "Aborted", "Unauthenticated", "Unimplemented":
		return unreachable
	}
	return unclear
}
