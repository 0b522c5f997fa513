package activityguardextension

import (
	"context"
	"reflect"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/tap"

	"github.com/otelactivity/activitylog/extension/activityguardextension/internal/wire"
)

// GetGRPCServerOptions implements [extensionmiddleware.GRPCServer].
//
// gRPC decodes a message before it calls an interceptor, even the one for
// authentication, so only the codec sees the bytes in time. The codec does not know
// the call and cannot answer with a status. So it stores a verdict about the message.
// The stats handler assigns it to the call, and the interceptor answers with it.
func (g *guard) GetGRPCServerOptions(context.Context) ([]grpc.ServerOption, error) {
	verdicts := &verdicts{g: g}
	return []grpc.ServerOption{
		grpc.InTapHandle(g.tap),
		grpc.ForceServerCodecV2(&codec{CodecV2: encoding.GetCodecV2("proto"), verdicts: verdicts}),
		grpc.StatsHandler(verdicts),
		grpc.ChainUnaryInterceptor(g.intercept),
	}, nil
}

// tap gives each call a deadline before its message is read.
func (g *guard) tap(parent context.Context, _ *tap.Info) (context.Context, error) {
	ctx, cancel := context.WithTimeout(parent, g.timeout)
	context.AfterFunc(parent, cancel)
	if deadline, ok := parent.Deadline(); ok {
		ctx = context.WithValue(ctx, deadlineKey{}, deadline)
	}
	return ctx, nil
}

type deadlineKey struct{}

// timeLeft returns for how long a sender can wait and still have time to send again. An SDK's deadline
// is that of all its attempts. By HTTP nobody knows the sender's.
func timeLeft(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Value(deadlineKey{}).(time.Time); ok {
		return max(soonest, time.Until(deadline)-soonest)
	}
	return latest
}

func (g *guard) intercept(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if h, ok := ctx.Value(callKey{}).(*hold); ok && h.err != nil {
		return nil, g.refuse(ctx, "grpc", h.err)
	}
	if p, ok := peer.FromContext(ctx); ok {
		if info, ok := p.AuthInfo.(credentials.TLSInfo); ok {
			ctx = withCertificate(ctx, &info.State)
		}
	}
	return handler(ctx, req)
}

// codec scans the bytes of a message before the codec of pdata decodes them.
type codec struct {
	encoding.CodecV2
	verdicts *verdicts
}

func (c *codec) Unmarshal(data mem.BufferSlice, v any) error {
	h := hold{g: c.verdicts.g}
	if signal, ok := signalOfMessage(v); ok {
		h.signal = signal
		if h.err = h.scan(data); h.err != nil {
			h.release()
		}
	} else {
		h.err = errSignal
	}
	if h.err == nil {
		if err := c.CodecV2.Unmarshal(data, v); err != nil {
			h.release()
			return err
		}
	}
	c.verdicts.pending.Store(v, h)
	return nil
}

// scan scans a whole message.
func (h *hold) scan(data mem.BufferSlice) error {
	scanner := wire.NewProtobuf(h.signal, h.g.limits)
	for _, piece := range data {
		if err := scanner.Scan(piece.ReadOnlyData()); err != nil {
			return err
		}
	}
	if err := h.grow(int64(data.Len()), scanner.Memory()); err != nil {
		return err
	}
	return h.begin(int64(data.Len()), scanner.Memory())
}

// signalOfMessage returns the signal of a request by the name of its type, because
// pdata does not export the type.
func signalOfMessage(v any) (signal wire.Signal, ok bool) {
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer {
		return 0, false
	}
	switch t.Elem().Name() {
	case "ExportTraceServiceRequest":
		return wire.Traces, true
	case "ExportLogsServiceRequest":
		return wire.Logs, true
	case "ExportMetricsServiceRequest":
		return wire.Metrics, true
	}
	return 0, false
}

type callKey struct{}

// verdicts assigns the verdict of the codec to the call of the message.
type verdicts struct {
	g       *guard
	pending sync.Map // of hold, by the pointer to the decoded message
}

// TagRPC implements [stats.Handler].
func (v *verdicts) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, callKey{}, &hold{g: v.g})
}

// HandleRPC implements [stats.Handler]. gRPC calls it right after the codec, and
// at the end of each call.
func (v *verdicts) HandleRPC(ctx context.Context, event stats.RPCStats) {
	call, ok := ctx.Value(callKey{}).(*hold)
	if !ok {
		return
	}
	switch event := event.(type) {
	case *stats.InPayload:
		if found, ok := v.pending.LoadAndDelete(event.Payload); ok {
			*call = found.(hold)
		}
	case *stats.End:
		call.release()
	}
}

// TagConn implements [stats.Handler].
func (*verdicts) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements [stats.Handler].
func (*verdicts) HandleConn(context.Context, stats.ConnStats) {}
