// Package load sends activities to a collector and knows which of them were
// acknowledged, so that tests can compare that with the rows.
package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

type (
	// Object is a JSON object.
	Object = map[string]any
	// List is a JSON array.
	List = []any
)

// Text is an attribute whose value is a string.
func Text(key, value string) Object {
	return Object{"key": key, "value": Object{"stringValue": value}}
}

// Attributes are those of an activity on the object n. Without an id the
// collector has to make one.
func Attributes(n int, id string) List {
	all := List{
		Text(activity.ActionTypeKey, "Update"),
		Text(activity.ActorIDKey, fmt.Sprint(n%7)),
		Text(activity.ObjectTypeKey, "article"),
		Text(activity.ObjectIDKey, fmt.Sprint(n)),
	}
	if id != "" {
		all = append(all, Text(activity.IDKey, id))
	}
	return all
}

// LogsRequest is an OTLP/JSON request of the activities from..from+count-1, as
// log records; every second one has an id.
func LogsRequest(from, count int) Object { return ServiceLogsRequest("", from, count) }

// ServiceLogsRequest is [LogsRequest] of the service with a name.
func ServiceLogsRequest(service string, from, count int) Object {
	all := List{}
	for n := from; n < from+count; n++ {
		at, id := Moment(n)
		if n%2 == 0 {
			id = ""
		}
		all = append(all, Object{
			"timeUnixNano": fmt.Sprint(at.UnixNano()),
			"eventName":    activity.EventName,
			"body":         Object{"stringValue": fmt.Sprint("activity ", n)},
			"attributes":   Attributes(n, id),
		})
	}
	return serviceLogs(service, all)
}

// serviceLogs is a request with log records of a service. Without a name they have no resource.
func serviceLogs(service string, records List) Object {
	all := Object{"scopeLogs": List{Object{"logRecords": records}}}
	if service != "" {
		all["resource"] = Object{"attributes": List{Text("service.name", service)}}
	}
	return Object{"resourceLogs": List{all}}
}

// TracesRequest is the same activities as spans, with the same ids; those that
// have an id.
func TracesRequest(from, count int) Object {
	all := List{}
	for n := from; n < from+count; n++ {
		if n%2 == 0 {
			continue
		}
		at, id := Moment(n)
		all = append(all, Object{
			"traceId":           fmt.Sprintf("%032x", n+1),
			"spanId":            fmt.Sprintf("%016x", n+1),
			"name":              "PATCH /articles/{id}",
			"kind":              2,
			"startTimeUnixNano": fmt.Sprint(at.UnixNano()),
			"endTimeUnixNano":   fmt.Sprint(at.Add(time.Millisecond).UnixNano()),
			"attributes":        Attributes(n, id),
		})
	}
	return Object{"resourceSpans": List{Object{"scopeSpans": List{Object{"spans": all}}}}}
}

var epoch = time.Now().Add(-time.Hour)

// Moment is when activity n took place, and the id that its service gave it.
func Moment(n int) (time.Time, string) {
	at := epoch.Add(time.Duration(n) * time.Microsecond)
	return at, activity.HashID(at, fmt.Append(nil, n)).String()
}

// Post sends a request of OTLP/JSON; nil is an acknowledgement.
func Post(ctx context.Context, address, signal string, request Object) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	return PostBytes(ctx, address, signal, http.Header{"Content-Type": {"application/json"}}, body)
}

// PostBytes sends a body to the path of a signal ("logs", "traces"). Every answer
// other than 200 is a [StatusError].
func PostBytes(ctx context.Context, address, signal string, header http.Header, body []byte) error {
	return post(ctx, http.DefaultClient, address, signal, header, body)
}

func post(ctx context.Context, client *http.Client, address, signal string, header http.Header, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // as SDKs do
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/v1/"+signal, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = header.Clone()
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // 0 without it
		return &StatusError{
			Code: response.StatusCode, RetryAfter: time.Duration(seconds) * time.Second,
			text: fmt.Sprintf("%s: %s", response.Status, answer),
		}
	}
	return nil
}

// StatusError is an answer by HTTP that is not 200.
type StatusError struct {
	Code       int
	RetryAfter time.Duration // 0 if the answer does not say when to send again
	text       string
}

func (e *StatusError) Error() string { return e.text }
