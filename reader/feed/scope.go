package feed

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/reader"
)

// Errors that the function of [WithScope] may return, also wrapped.
var (
	// ErrUnauthenticated says that it is not known who asks. The response is 401.
	ErrUnauthenticated = errors.New("not logged in")

	// ErrForbidden says that whoever asks may not see activities. The response is 403.
	ErrForbidden = errors.New("not allowed to see activities")
)

// Scope says whose activities a request may see. It comes from [TenantScope], [ActorScope]
// or [TenantActorScope]. The zero Scope shows nothing: it is an error.
type Scope struct {
	byTenant, byActor bool
	tenant, actor     string
}

// TenantScope is all activities of a tenant: those with this tenant_id. An empty tenant is
// an error of the request, and not all rows.
func TenantScope(tenant string) Scope { return Scope{byTenant: true, tenant: tenant} }

// ActorScope is all activities of an actor: those with this actor_id, of any tenant. If two
// tenants can have actors with the same id, use [TenantActorScope]. An empty actor is an
// error of the request.
func ActorScope(actor string) Scope { return Scope{byActor: true, actor: actor} }

// TenantActorScope is all activities of an actor of a tenant. If either is empty, that is an
// error of the request.
func TenantActorScope(tenant, actor string) Scope {
	return Scope{byTenant: true, tenant: tenant, byActor: true, actor: actor}
}

// longest is how many characters an id of a scope may have. The exporter cuts ids after 255,
// so one of that length could be the beginning of somebody else's.
const longest = 254

// check returns what is wrong with a scope. The text is for the service's log.
func (s Scope) check() error {
	if !s.byTenant && !s.byActor {
		return errors.New("the scope is empty: return one of feed.TenantScope, feed.ActorScope or feed.TenantActorScope, or an error")
	}
	for _, part := range []struct {
		name  string
		used  bool
		value string
	}{{"tenant", s.byTenant, s.tenant}, {"actor", s.byActor, s.actor}} {
		switch {
		case !part.used:
		case part.value == "":
			return fmt.Errorf("the %s of the scope is empty", part.name)
		case !utf8.ValidString(part.value) || strings.ContainsRune(part.value, 0):
			return fmt.Errorf("the %s of the scope must be UTF-8 without NUL; got %.64q", part.name, part.value)
		case utf8.RuneCountInString(part.value) > longest:
			return fmt.Errorf("the %s of the scope must have at most %d characters; got %d", part.name, longest, utf8.RuneCountInString(part.value))
		}
	}
	return nil
}

// restrict puts the scope into a query. It reports whether any row can be both in the scope
// and in what the query asks for.
func (s Scope) restrict(q *reader.Query) bool {
	if s.byTenant && q.Tenant != "" && q.Tenant != s.tenant || s.byActor && q.Actor != "" && q.Actor != s.actor {
		return false
	}
	if s.byTenant {
		q.Tenant = s.tenant
	}
	if s.byActor {
		q.Actor = s.actor
	}
	return true
}

// holds reports whether a row is in the scope, byte for byte. The database has said so, but
// the columns of a table that was not made by the exporter may compare text in other ways.
func (s Scope) holds(row *reader.Row) bool {
	return (s.byTenant || s.byActor) && (!s.byTenant || row.TenantID == s.tenant) && (!s.byActor || row.ActorID == s.actor)
}
