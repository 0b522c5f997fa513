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
// TestExporterErrors holds them against the real ones.
var (
	httpStatus = regexp.MustCompile(`failed to send logs to \S+: (\d{3}) `)
	grpcCode   = regexp.MustCompile(`rpc error: code = (\w+) desc = `)
	partial    = regexp.MustCompile(`OTLP partial success: .*\((\d+) logs rejected\)`)
)

// judge returns what err means, and how many records of the batch were
// rejected while the rest was taken.
func judge(err error) (v verdict, rejected int) {
	if err == nil {
		return taken, 0
	}
	text := err.Error()
	if code := grpcCode.FindStringSubmatch(text); code != nil {
		return judgeGRPC(code[1], text), 0
	}
	if status := httpStatus.FindStringSubmatch(text); status != nil {
		return judgeHTTP(status[1]), 0
	}
	if m := partial.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return taken, n
	}
	switch {
	case strings.Contains(text, "invalid UTF-8"), strings.Contains(text, "too large: exceeded"):
		return refused, 0 // by the exporter itself
	case strings.Contains(text, "retry-able request failure"), strings.Contains(text, "connect"),
		strings.Contains(text, "EOF"), strings.Contains(text, context.DeadlineExceeded.Error()),
		strings.Contains(text, context.Canceled.Error()), strings.Contains(text, "dial "),
		strings.Contains(text, "tls: "), strings.Contains(text, "x509: "):
		return away, 0
	}
	return unclear, 0
}

func judgeHTTP(status string) verdict {
	switch status {
	case "400", "413", "422":
		return refused
	case "401", "403", "404", "407", "408", "429", "502", "503", "504":
		return away // configuration can be corrected, and overload ends
	}
	return unclear
}

func judgeGRPC(code, text string) verdict {
	switch code {
	case "InvalidArgument":
		return refused
	case "Internal", "ResourceExhausted":
		if strings.Contains(text, "marshal") || strings.Contains(text, "larger than max") {
			return refused
		}
		if code == "ResourceExhausted" {
			return away
		}
	case "Unavailable", "DeadlineExceeded", "Canceled", "Aborted", "Unauthenticated", "PermissionDenied", "Unimplemented":
		return away
	}
	return unclear
}
