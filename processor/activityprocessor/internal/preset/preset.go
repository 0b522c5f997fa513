package preset

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Preset derives activities from one kind of span. It is safe for concurrent use.
type Preset struct {
	Name string
	// Kind is the kind of the preset's spans, unspecified for any kind.
	Kind   ptrace.SpanKind
	knows  func(*record.Record) bool
	derive func(*record.Record) Derivation
}

// The names of the presets.
const (
	Noise      = "noise"
	HTTPServer = "http_server"
	RPCServer  = "rpc_server"
	GraphQL    = "graphql"
	DBClient   = "db_client"
)

// all are the presets that derive activities, the most specific first.
var all = []*Preset{
	{Name: GraphQL, knows: isGraphQL, derive: ofGraphQL},
	{Name: RPCServer, Kind: ptrace.SpanKindServer, knows: isRPC, derive: ofRPC},
	{Name: HTTPServer, Kind: ptrace.SpanKindServer, knows: isHTTP, derive: ofHTTP},
	{Name: DBClient, Kind: ptrace.SpanKindClient, knows: isDB, derive: ofDB},
}

// All returns the presets that derive activities, the most specific first.
func All() []*Preset { return all }

// Names returns the names of the presets, in the order of the documentation.
func Names() []string { return []string{Noise, HTTPServer, RPCServer, GraphQL, DBClient} }

// Named returns the preset with that name, nil if there is none.
func Named(name string) *Preset {
	if name == Noise {
		return noise
	}
	for _, p := range all {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// MayKnow reports whether the preset may know spans of that kind.
func (p *Preset) MayKnow(kind ptrace.SpanKind) bool {
	return p.Kind == ptrace.SpanKindUnspecified || p.Kind == kind
}

// Subject is a record with the preset that matches it, if any, and the derivation by that
// preset.
type Subject struct {
	record.Record
	Preset  *Preset
	Derived Derivation
}

// Take makes p the preset of the record if p matches it, and reports whether it does.
func (s *Subject) Take(p *Preset) bool {
	if s.Preset == p {
		return true
	}
	if !p.MayKnow(s.Kind) {
		return false
	}
	if s.Read(); !p.knows(&s.Record) {
		return false
	}
	s.Preset, s.Derived = p, p.derive(&s.Record)
	return true
}

// UseRoute gives the request another route, and derives from it again. undo takes it
// back.
func (s *Subject) UseRoute(t *route.Template) (undo func()) {
	route, derived := s.Request.Route, s.Derived
	s.Request.Route = t
	if s.Preset != nil {
		s.Derived = s.Preset.derive(&s.Record)
	}
	return func() { s.Request.Route, s.Derived = route, derived }
}

// Forget leaves the record without a preset.
func (s *Subject) Forget() { s.Preset, s.Derived = nil, Derivation{} }

// Action returns the action type, from the service or else from the preset.
func (s *Subject) Action() activity.ActionType {
	if own := s.Own[record.FieldActionType]; own != "" {
		t, _ := activity.ParseActionType(own)
		return t
	}
	return s.Derived.Action
}

// Object returns the object. The preset's object is not used if the service has set any
// part of it.
func (s *Subject) Object() activity.Object {
	if s.Own[record.FieldObjectType] != "" || s.Own[record.FieldObjectID] != "" {
		return activity.Object{Type: s.Own[record.FieldObjectType], ID: s.Own[record.FieldObjectID]}
	}
	return s.Derived.Object
}
