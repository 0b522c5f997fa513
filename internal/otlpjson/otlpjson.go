// Package otlpjson writes OTLP/JSON requests by hand and posts them, as a
// service without any SDK would.
package otlpjson

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Object is a JSON object.
type Object = map[string]any

// List is a JSON array.
type List = []any

// Text is an attribute that is a string.
func Text(key, value string) Object {
	return Object{"key": key, "value": Object{"stringValue": value}}
}

// Number is an attribute that is an integer.
func Number(key string, value int) Object {
	return Object{"key": key, "value": Object{"intValue": value}}
}

// Traces is a request with the spans of the service "blog".
func Traces(spans ...any) Object {
	return Object{"resourceSpans": List{Object{
		"resource":   resource,
		"scopeSpans": List{Object{"scope": Object{"name": "otelhttp"}, "spans": spans}},
	}}}
}

// Logs is a request with log records of the service "blog".
func Logs(records ...any) Object {
	return Object{"resourceLogs": List{Object{
		"resource":  resource,
		"scopeLogs": List{Object{"scope": Object{"name": "slog"}, "logRecords": records}},
	}}}
}

var resource = Object{"attributes": List{Text("service.name", "blog"), Text("host.name", "web-1")}}

// Post sends a request of a signal, "traces" or "logs", to host:port; nil is an
// acknowledgement.
func Post(ctx context.Context, address, signal string, request Object) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/v1/"+signal, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("post %s: %w", signal, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("post %s: %s: %s", signal, res.Status, answer)
	}
	return nil
}
