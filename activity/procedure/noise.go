package procedure

import "strings"

// IsNoise reports whether a program makes a call of that method of a service by itself, such as
// a health check of gRPC. The names are as those of [Act].
func IsNoise(service, method string) bool {
	method = strings.TrimPrefix(method, "/")
	if i := strings.LastIndexByte(method, '/'); i >= 0 {
		service = method[:i]
	}
	return service == "grpc.health.v1.Health" || strings.HasPrefix(service, "grpc.reflection.")
}
