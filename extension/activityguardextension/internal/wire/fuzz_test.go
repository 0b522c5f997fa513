package wire

import (
	"bytes"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// FuzzProtobuf: what passes the scanner is decoded without harm, and has no more
// in it than the scanner said.
func FuzzProtobuf(f *testing.F) {
	protobuf, _ := logs(f, func(r plog.LogRecord) {
		nested(5, true).CopyTo(r.Body())
		nested(5, false).CopyTo(r.Attributes().PutEmpty("a"))
	})
	f.Add(protobuf)
	f.Add(wrap(1, wrap(2, bytes.Repeat([]byte{2<<3 | 2, 0}, 100))))
	f.Add(wrap(1, wrap(deprecatedField, bytes.Repeat([]byte{2<<3 | 2, 0}, 100))))
	deep := []byte{}
	for range 100 {
		deep = wrap(5, wrap(1, deep))
	}
	f.Add(wrap(1, wrap(2, wrap(2, wrap(5, deep)))))
	limits := Limits{Depth: 8, Elements: 300}
	f.Fuzz(func(t *testing.T, body []byte) {
		scanner := NewProtobuf(Logs, limits)
		err := scanner.Scan(body)
		byByte := NewProtobuf(Logs, limits)
		var err2 error
		for i := 0; i < len(body) && err2 == nil; i++ {
			err2 = byByte.Scan(body[i : i+1])
		}
		if (err2 == nil) != (err == nil) {
			t.Fatalf("byte by byte: got %v, want %v", err2, err)
		}
		_ = NewProtobuf(Traces, limits).Scan(body)
		_ = NewProtobuf(Metrics, limits).Scan(body)
		if err != nil {
			return
		}
		req := plogotlp.NewExportRequest()
		if req.UnmarshalProto(body) != nil {
			return
		}
		count, depth := 0, 0
		for _, rl := range req.Logs().ResourceLogs().All() {
			count++
			measureMap(rl.Resource().Attributes(), 0, &count, &depth)
			for _, sl := range rl.ScopeLogs().All() {
				count++
				measureMap(sl.Scope().Attributes(), 0, &count, &depth)
				for _, record := range sl.LogRecords().All() {
					count++
					measure(record.Body(), 1, &count, &depth)
					measureMap(record.Attributes(), 0, &count, &depth)
				}
			}
		}
		if count > scanner.Elements() {
			t.Fatalf("count: got %v, want at most %v", count, scanner.Elements())
		}
		if depth > limits.Depth {
			t.Fatalf("depth: got %v, want at most %v", depth, limits.Depth)
		}
	})
}

func measureMap(m pcommon.Map, level int, count, depth *int) {
	for _, v := range m.All() {
		*count++
		measure(v, level+1, count, depth)
	}
}

func measure(v pcommon.Value, level int, count, depth *int) {
	if v.Type() == pcommon.ValueTypeEmpty {
		return // also one that was not sent
	}
	*depth = max(*depth, level)
	switch v.Type() {
	case pcommon.ValueTypeSlice:
		for _, element := range v.Slice().All() {
			*count++
			measure(element, level+1, count, depth)
		}
	case pcommon.ValueTypeMap:
		measureMap(v.Map(), level, count, depth)
	}
}

// FuzzJSON: what passes the scanner is decoded without harm.
func FuzzJSON(f *testing.F) {
	_, json := logs(f, func(r plog.LogRecord) {
		nested(5, true).CopyTo(r.Body())
		r.Attributes().PutStr("a", `"[{\`)
	})
	f.Add(json)
	f.Add([]byte(`{"resourceLogs":[` + strings.Repeat(`{},`, 100) + `{}]}`))
	f.Add(bytes.Repeat([]byte(`{"a":[`), 1000))
	f.Fuzz(func(t *testing.T, body []byte) {
		scanner := NewJSON(Limits{Depth: 8, Elements: 300})
		if scanner.Scan(body) != nil {
			return
		}
		req := plogotlp.NewExportRequest()
		if req.UnmarshalJSON(body) != nil {
			return
		}
		if got := req.Logs().LogRecordCount(); got > scanner.Elements() {
			t.Fatalf("req.Logs().LogRecordCount(): got %v, want at most %v", got, scanner.Elements())
		}
	})
}
