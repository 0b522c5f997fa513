package setup

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
)

// signal is what the variables say of "LOGS", "TRACES" or "METRICS".
type signal struct {
	name        string
	exporter    string // "" and "otlp" are the same
	protocol    string // of OTLP
	endpointSet bool
}

// readSignal reads the variables of a signal. It checks those of OTLP if they are used:
// OpenTelemetry's exporters send to their default if they cannot read an endpoint.
func readSignal(name string) (signal, error) {
	s := signal{name: name, exporter: os.Getenv("OTEL_" + name + "_EXPORTER"), protocol: "http/protobuf"}
	if !s.otlp() {
		return s, nil
	}
	if variable, value := first("OTEL_EXPORTER_OTLP_"+name+"_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"); value != "" {
		if s.protocol = value; value != "http/protobuf" && value != "grpc" {
			return s, fmt.Errorf(`read %s: must be one of "http/protobuf", "grpc"; got %q`, variable, value)
		}
	}
	variable, value := first("OTEL_EXPORTER_OTLP_"+name+"_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
	if s.endpointSet = value != ""; !s.endpointSet || s.takes(value) {
		return s, nil
	}
	return s, fmt.Errorf("read %s: must be a URL with http:// or https:// and a host, such as %s; got %q",
		variable, s.defaultEndpoint(), withoutSecrets(value))
}

func (s signal) otlp() bool { return s.exporter == "" || s.exporter == "otlp" }

func (s signal) defaultEndpoint() string {
	if s.protocol == "grpc" {
		return defaultGRPC
	}
	return defaultHTTP
}

// takes reports whether the exporter of the signal sends to an endpoint. Exporters take more
// than http and https: all need a host, but that of gRPC for spans and metrics also takes
// targets of gRPC, such as unix:///run/collector.sock.
func (s signal) takes(endpoint string) bool {
	if s.name != "LOGS" { // its exporters do not trim
		endpoint = strings.TrimSpace(endpoint)
	}
	u, err := url.Parse(endpoint)
	if err != nil || endpoint == "" {
		return false
	}
	target := s.name != "LOGS" && s.protocol == "grpc" && u.Scheme != "http" && u.Scheme != "https"
	return u.Host != "" || target
}

// withoutSecrets replaces the user, the password and the query of an endpoint that may be no URL.
func withoutSecrets(endpoint string) string {
	if i := strings.LastIndex(endpoint, "@"); i >= 0 {
		scheme, _, ok := strings.Cut(endpoint[:i], "://")
		if ok {
			scheme += "://"
		} else {
			scheme = ""
		}
		endpoint = scheme + "****" + endpoint[i:]
	}
	if address, _, ok := strings.Cut(endpoint, "?"); ok {
		endpoint = address + "?****"
	}
	return endpoint
}

// failed adds to an error of package autoexport which variable chose the exporter. names are the
// exporters that it knows.
func (s signal) failed(err error, names ...string) error {
	if err == nil || s.otlp() {
		return err
	}
	variable := "OTEL_" + s.name + "_EXPORTER"
	if !slices.Contains(names, s.exporter) && strings.HasPrefix(err.Error(), "unknown exporter") {
		return fmt.Errorf(`read %s: must be one of "%s"; got %q`, variable, strings.Join(names, `", "`), s.exporter)
	}
	return fmt.Errorf("%s is %q: %w", variable, s.exporter, err)
}

// first returns the first variable that is set, and its value.
func first(names ...string) (name, value string) {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return name, v
		}
	}
	return "", ""
}
