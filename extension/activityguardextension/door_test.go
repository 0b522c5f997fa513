package activityguardextension

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/metadata"
)

// door is an OTLP receiver with a guard.
type door struct {
	guard      *guard
	http, grpc string
	consume    func(context.Context, plog.Logs) error
}

type host struct {
	extensions map[component.ID]component.Component
}

func (h host) GetExtensions() map[component.ID]component.Component { return h.extensions }

func open(t *testing.T, set func(*Config)) *door {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	if set != nil {
		set(cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	ext, err := NewFactory().Create(t.Context(), extension.Settings{
		ID: component.NewID(metadata.Type), TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{guard: ext.(*guard), http: freeAddr(t), grpc: freeAddr(t)}
	factory := otlpreceiver.NewFactory()
	receiverConfig := factory.CreateDefaultConfig()
	middlewares := []any{map[string]any{"id": "activity_guard"}}
	if err := confmap.NewFromStringMap(map[string]any{"protocols": map[string]any{
		"grpc": map[string]any{"endpoint": d.grpc, "max_recv_msg_size_mib": 8, "middlewares": middlewares},
		"http": map[string]any{"endpoint": d.http, "max_request_body_size": 8 << 20, "middlewares": middlewares},
	}}).Unmarshal(receiverConfig); err != nil {
		t.Fatal(err)
	}
	next, err := consumer.NewLogs(func(ctx context.Context, ld plog.Logs) error {
		if d.consume != nil {
			return d.consume(ctx, ld)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := factory.CreateLogs(t.Context(), receivertest.NewNopSettings(factory.Type()), receiverConfig, next)
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Start(t.Context(), host{map[component.ID]component.Component{component.NewID(metadata.Type): ext}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := receiver.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
	return d
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// post sends a body and returns status and text of the answer.
func (d *door) post(t *testing.T, path, contentType string, body []byte, compressed bool) (code int, text string) {
	t.Helper()
	var buf bytes.Buffer
	if compressed {
		w := gzip.NewWriter(&buf)
		_, err := w.Write(body)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	} else {
		buf.Write(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+d.http+path, &buf)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if compressed {
		req.Header.Set("Content-Encoding", "gzip")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// export sends bytes by gRPC as they are.
func (d *door) export(t *testing.T, body []byte) error {
	t.Helper()
	conn, err := grpc.NewClient(d.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.Invoke(t.Context(), "/opentelemetry.proto.collector.logs.v1.LogsService/Export", body, new([]byte), grpc.ForceCodec(raw{}))
}

// raw is a codec for bytes.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return v.([]byte), nil }
func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = data
	return nil
}
func (raw) Name() string { return "proto" }

const protobuf = "application/x-protobuf"

// field is a field of a protobuf message.
func field(number int, content []byte) []byte {
	out := []byte{byte(number<<3 | 2)}
	n := len(content)
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(append(out, byte(n)), content...)
}

func emptyRecords(n int) []byte {
	return field(1, field(2, bytes.Repeat([]byte{2<<3 | 2, 0}, n)))
}

// deep is a log record with a body of so many levels. It is built from the inside, with the
// lengths first known, so that a million levels take no time.
func deep(levels int) []byte {
	var reversed []byte
	length := 0
	put := func(tag byte) {
		head := field(1, make([]byte, 0))[:0]
		n := length
		for ; n >= 0x80; n >>= 7 {
			head = append(head, byte(n)|0x80)
		}
		head = append([]byte{tag}, append(head, byte(n))...)
		for i := len(head) - 1; i >= 0; i-- {
			reversed = append(reversed, head[i])
		}
		length += len(head)
	}
	for range levels {
		put(1<<3 | 2) // a member of a list
		put(5<<3 | 2) // a list
	}
	put(5<<3 | 2) // the body
	put(2<<3 | 2)
	put(2<<3 | 2)
	put(1<<3 | 2)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return reversed
}

func honest(t *testing.T) []byte {
	t.Helper()
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.Attributes().PutStr("activity.action.type", "Update")
	record.Attributes().PutEmptyMap("activity.data").PutEmptyMap("changes").PutEmptySlice("title").AppendEmpty().SetStr("x")
	body, err := plogotlp.NewExportRequestFromLogs(ld).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return body
}
