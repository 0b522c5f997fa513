package sender

import (
	"context"
	"crypto/subtle"
	"fmt"
	"iter"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/activity"
)

// The names under [activity.ForgedKey]: two columns, and one for a request of an unknown
// sender.
const (
	serviceColumn = "service_name"
	tenantColumn  = "tenant_id"
	unknownSender = "sender"
)

// Request holds what one request may write. A nil *Request may write everything.
type Request struct {
	sender *Binding // nil if the sender is unknown
	marks  bool
}

// Of returns what the sender of a request may write, nil if everyone may write
// everything. It fails if the sender is unknown and on_other is "refuse".
func (cfg *Config) Of(ctx context.Context) (*Request, error) {
	if len(cfg.List) == 0 {
		return nil, nil
	}
	info := client.FromContext(ctx)
	r := &Request{marks: cfg.OnOther == mark}
	for i := range cfg.List {
		if s := &cfg.List[i]; s.is(&info) {
			r.sender = s
			return r, nil
		}
	}
	if r.marks {
		return r, nil
	}
	return nil, denied("the sender is unknown: no entry of senders has its token, certificate or attributes")
}

// denied is an error after which senders do not retry.
func denied(format string, args ...any) error {
	return status.Error(codes.PermissionDenied, "activity: "+fmt.Sprintf(format, args...))
}

// is reports whether a request is from the sender: it has the token, the certificate
// and the attributes that are configured.
func (s *Binding) is(info *client.Info) bool {
	if s.Token != "" && !hasToken(info, string(s.Token)) {
		return false
	}
	if s.Certificate != "" && !hasAttribute(info.Auth, "certificate", s.Certificate) {
		return false
	}
	for name, value := range s.Attributes {
		if !hasAttribute(info.Auth, name, value) {
			return false
		}
	}
	return true
}

// hasToken reports whether the request has exactly one authorization header, with this
// token. If it has several, the authenticator may have checked another one.
func hasToken(info *client.Info, token string) bool {
	headers := info.Metadata.Get("authorization")
	if len(headers) != 1 {
		return false
	}
	scheme, value, _ := strings.Cut(headers[0], " ")
	return strings.EqualFold(scheme, "bearer") && subtle.ConstantTimeCompare([]byte(value), []byte(token)) == 1
}

func hasAttribute(auth client.AuthData, name, value string) bool {
	if auth == nil {
		return false
	}
	switch is := auth.GetAttribute(name).(type) {
	case string:
		return is == value
	case []string:
		return slices.Contains(is, value)
	case []any:
		return slices.Contains(is, any(value))
	}
	return false
}

// Services fails if the sender may not write as one of the services of the resources
// and on_other is "refuse". It must be called before anything of the request is
// remembered.
func (r *Request) Services(resources iter.Seq[pcommon.Resource]) error {
	if r == nil {
		return nil
	}
	for resource := range resources {
		if _, err := r.service(resource.Attributes()); err != nil {
			return err
		}
	}
	return nil
}

// ResourcesOf returns the resources of spans or log records.
func ResourcesOf[T interface{ Resource() pcommon.Resource }](all iter.Seq2[int, T]) iter.Seq[pcommon.Resource] {
	return func(yield func(pcommon.Resource) bool) {
		for _, of := range all {
			if !yield(of.Resource()) {
				return
			}
		}
	}
}

// Traces checks the services of td and writes the sender to each span that is an
// activity. It fails if the sender may not write one of them and on_other is "refuse".
func (r *Request) Traces(td ptrace.Traces) error {
	if r == nil {
		return nil
	}
	for _, rs := range td.ResourceSpans().All() {
		forged, err := r.service(rs.Resource().Attributes())
		if err != nil {
			return err
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if err := r.record(span.Attributes(), forged); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Logs is Traces for log records.
func (r *Request) Logs(ld plog.Logs) error {
	if r == nil {
		return nil
	}
	for _, rl := range ld.ResourceLogs().All() {
		forged, err := r.service(rl.Resource().Attributes())
		if err != nil {
			return err
		}
		for _, sl := range rl.ScopeLogs().All() {
			for _, record := range sl.LogRecords().All() {
				if err := r.record(record.Attributes(), forged); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// service reports whether a resource has a service.name that the sender may not write
// as. If it has several, all are checked.
func (r *Request) service(resource pcommon.Map) (forged bool, err error) {
	if r.sender == nil {
		return false, nil
	}
	seen := false
	for key, v := range resource.All() {
		if key != activity.ServiceNameKey {
			continue
		}
		seen = true
		if !matches(r.sender.Services, v.AsString()) {
			return true, r.other("write as service %q", v.AsString())
		}
	}
	if !seen && !matches(r.sender.Services, "") {
		return true, r.other("write without a service.name")
	}
	return false, nil
}

// other returns the error for something that the sender may not write, nil if on_other
// is "mark".
func (r *Request) other(format string, args ...any) error {
	if r.marks {
		return nil
	}
	return denied("sender %q may not "+format, append([]any{string(r.sender.Name)}, args...)...)
}

// record checks the tenant of a record and writes the sender to it, if it is an
// activity.
func (r *Request) record(attrs pcommon.Map, service bool) error {
	if _, is := attrs.Get(activity.ActionTypeKey); !is {
		return nil
	}
	tenant, err := r.tenant(attrs)
	if err != nil {
		return err
	}
	if r.sender != nil {
		attrs.PutStr(activity.SenderKey, string(r.sender.Name))
	}
	if r.sender != nil && !service && !tenant {
		return nil
	}
	forged := attrs.PutEmptySlice(activity.ForgedKey)
	for _, column := range [...]struct {
		name string
		is   bool
	}{{unknownSender, r.sender == nil}, {serviceColumn, service}, {tenantColumn, tenant}} {
		if column.is {
			forged.AppendEmpty().SetStr(column.name)
		}
	}
	return nil
}

func (r *Request) tenant(attrs pcommon.Map) (forged bool, err error) {
	if r.sender == nil || len(r.sender.Tenants) == 0 {
		return false, nil
	}
	for key, v := range attrs.All() {
		if key == activity.TenantIDKey && v.AsString() != "" && !matches(r.sender.Tenants, v.AsString()) {
			return true, r.other("write for tenant %q", v.AsString())
		}
	}
	return false, nil
}

// matches reports whether a name is one of the patterns.
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if beginning, ok := strings.CutSuffix(pattern, "*"); ok {
			return strings.HasPrefix(name, beginning)
		}
		return pattern == name
	})
}
