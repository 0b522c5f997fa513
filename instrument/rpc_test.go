package instrument

import (
	"net/http"
	"testing"
)

// The end of a stream may come in pieces of any size.
func TestRPCAnswerInPieces(t *testing.T) {
	const trailers = "grpc-status: 7\r\ngrpc-message: no\r\n"
	const end = `{"error":{"code":"not_found"}}`
	for name, tt := range map[string]struct {
		kind, body, want string
	}{
		"gRPC-Web":            {"application/grpc-web+proto", "\x00\x00\x00\x00\x02ab\x80\x00\x00\x00\x22" + trailers, "PERMISSION_DENIED"},
		"Connect":             {"application/connect+json", "\x00\x00\x00\x00\x00\x02\x00\x00\x00\x1e" + end, "NOT_FOUND"},
		"Connect, no error":   {"application/connect+json", "\x02\x00\x00\x00\x02{}", "OK"},
		"Connect, not JSON":   {"application/connect+json", "\x02\x00\x00\x00\x02{x", ""},
		"no last message":     {"application/connect+json", "\x00\x00\x00\x00\x02{}", ""},
		"a part of one":       {"application/connect+json", "\x02\x00\x00\x00\x09{}", ""},
		"not compressed":      {"application/connect+json", "\x03\x00\x00\x00\x02{}", ""},
		"nothing":             {"application/connect+json", "", ""},
		"another content":     {"application/json", `{"error":{"code":"not_found"}}`, "none"},
		"gRPC, without any":   {"application/grpc", "\x00\x00\x00\x00\x00", ""},
		"gRPC-Web, no status": {"application/grpc-web", "\x80\x00\x00\x00\x03a:b", ""},
	} {
		for size := 1; size <= len(tt.body)+1; size++ {
			a := rpcOf(&http.Request{Header: http.Header{"Content-Type": {tt.kind}}})
			if a == nil {
				if tt.want != "none" {
					t.Fatalf("%s: not a call", name)
				}
				continue
			}
			for rest := tt.body; rest != ""; {
				n := min(size, len(rest))
				a.write([]byte(rest[:n]))
				rest = rest[n:]
			}
			if got := a.status(http.Header{}); got != tt.want {
				t.Fatalf("%s, in pieces of %d: %q, want %q", name, size, got, tt.want)
			}
		}
	}
}
