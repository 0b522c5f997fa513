package activity

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// rpcStatuses are the status codes of gRPC by their numbers
// (https://grpc.io/docs/guides/status-codes/).
var rpcStatuses = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
	"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

// rpcHTTP are the response codes of HTTP that mean the same
// (https://cloud.google.com/apis/design/errors).
var rpcHTTP = [len(rpcStatuses)]int{
	200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
}

// RPCStatus returns the name of a status code of gRPC that is a number, or that is spelled
// as a library does: "PERMISSION_DENIED" of "7", "permission_denied" and "PermissionDenied".
// Any other text is returned as it is.
func RPCStatus(code string) string {
	if n, err := strconv.Atoi(code); err == nil {
		if n >= 0 && n < len(rpcStatuses) {
			return rpcStatuses[n]
		}
		return code
	}
	if slices.Contains(rpcStatuses[:], code) { // nearly always
		return code
	}
	name := strings.ToUpper(strings.Join(Words(code), "_"))
	if name == "CANCELED" {
		name = "CANCELLED"
	}
	if slices.Contains(rpcStatuses[:], name) {
		return name
	}
	return code
}

// HTTPFromRPC returns the response code of HTTP that means the same as a status of gRPC, as
// [RPCStatus] names it: 403 for "PERMISSION_DENIED". It is 500 for one that is not known.
func HTTPFromRPC(status string) int {
	if i := slices.Index(rpcStatuses[:], status); i >= 0 {
		return rpcHTTP[i]
	}
	return http.StatusInternalServerError
}
