package load

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/otelactivity/activitylog/activity"
)

// Request is an OTLP request in protobuf, and which activities are in it.
type Request struct {
	From, Count int // activities From to From+Count-1
	method      string
	body        []byte
}

// NewRequest makes the request of count activities from number from. With
// ids false, every second one comes without an id.
func NewRequest(from, count int, ids bool) (Request, error) {
	ld := plog.NewLogs()
	resource := ld.ResourceLogs().AppendEmpty()
	resource.Resource().Attributes().PutStr(activity.ServiceNameKey, service)
	records := resource.ScopeLogs().AppendEmpty().LogRecords()
	records.EnsureCapacity(count)
	for n := from; n < from+count; n++ {
		a := New(n)
		a.record(records.AppendEmpty(), ids || n%2 == 0)
	}
	body, err := plogotlp.NewExportRequestFromLogs(ld).MarshalProto()
	if err != nil {
		return Request{}, fmt.Errorf("make request of activities %d to %d: %w", from, from+count-1, err)
	}
	return Request{From: from, Count: count, method: logsMethod, body: body}, nil
}

// NewSpanRequest makes the request of [PlainSpans].
func NewSpanRequest(count int) (Request, error) {
	body, err := ptraceotlp.NewExportRequestFromTraces(PlainSpans(count)).MarshalProto()
	if err != nil {
		return Request{}, fmt.Errorf("make request of %d spans: %w", count, err)
	}
	return Request{Count: count, method: tracesMethod, body: body}, nil
}

// NewRequests makes the requests of total activities from number from, each
// with size of them.
func NewRequests(from, total, size int) ([]Request, error) {
	all := make([]Request, (total+size-1)/size)
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			first := from + i*size
			all[i], errs[i] = NewRequest(first, min(size, from+total-first), true)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Bytes returns how many bytes the request has on the wire, and how many compressed by gzip, as
// SDKs and Collectors compress it.
func (r Request) Bytes() (plain, compressed int, err error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(r.body); err != nil {
		return 0, 0, fmt.Errorf("compress a request: %w", err)
	}
	if err := w.Close(); err != nil {
		return 0, 0, fmt.Errorf("compress a request: %w", err)
	}
	return len(r.body), packed.Len(), nil
}
