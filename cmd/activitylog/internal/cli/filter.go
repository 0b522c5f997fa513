package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// filters are the flags that choose rows, of each sub-command that reads several.
type filters struct {
	since, until string

	actor, actorType, tenant, impersonator    string
	actionType, actionName, status, errorType string
	object                                    string
	service, trace, session, address, source  string
	text                                      string
	data                                      []string
}

// add adds the flags.
func (f *filters) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.since, "since", "", "only rows since this `time`: 2h, 3d, 2026-11-01, 2026-11-01T09:30:00Z")
	flags.StringVar(&f.until, "until", "", "only rows before this `time`")
	flags.StringVar(&f.actor, "actor", "", "`id` of who acted (actor_id)")
	flags.StringVar(&f.actorType, "actor-type", "", "`type` of who acted: user, service, system, anonymous")
	flags.StringVar(&f.tenant, "tenant", "", "`id` of the customer (tenant_id)")
	flags.StringVar(&f.impersonator, "impersonator", "", "`id` of who used the actor's account (impersonator_id)")
	flags.StringVar(&f.actionType, "action", "", `what was done: Create, Read, Update, Delete, Login, Logout, "Login Failed" or another word (action_type)`)
	flags.StringVar(&f.actionName, "action-name", "", `what was called, "POST /articles/{id}" (action_name)`)
	flags.StringVar(&f.status, "status", "", "Success or Failed")
	flags.StringVar(&f.errorType, "error-type", "", "kind of failure, such as 403 (error_type)")
	flags.StringVar(&f.object, "object", "", "`TYPE or TYPE/ID` of what was acted on: article, article/17")
	flags.StringVar(&f.service, "service", "", "`name` of the service (service_name)")
	flags.StringVar(&f.trace, "trace", "", "`id` of the trace, 32 hexadecimal digits (trace_id)")
	flags.StringVar(&f.session, "session", "", "`id` of the session (session_id)")
	flags.StringVar(&f.address, "address", "", "IP `address` of the client (client_address)")
	flags.StringVar(&f.source, "source", "", "declared or derived")
	flags.StringVar(&f.text, "text", "", "`text` in remarks, actor_name, action_name or object_name; case counts")
	flags.StringArrayVar(&f.data, "data", nil, "`path=value` in data, such as parent.type=article; may be repeated")
}

// query returns the query of the flags.
func (f *filters) query(a *app) (q reader.Query, err error) {
	if q.From, q.To, err = a.parseRange(f.since, f.until); err != nil {
		return q, err
	}
	if f.trace != "" && !isTrace(f.trace) {
		return q, usagef("--trace must be 32 hexadecimal digits; got %.64q", f.trace)
	}
	if err := f.checkWords(); err != nil {
		return q, usage(err)
	}
	q.Actor, q.ActorType, q.Tenant, q.Impersonator = f.actor, activity.ActorType(f.actorType), f.tenant, f.impersonator
	q.ActionName, q.ErrorType = f.actionName, f.errorType
	q.ActionType = activity.ActionType(f.actionType)
	q.Status, q.Source = activity.Status(f.status), activity.Source(f.source)
	q.Object.Type, q.Object.ID, _ = strings.Cut(f.object, "/")
	q.Service, q.Trace, q.Session, q.Address, q.Text = f.service, f.trace, f.session, f.address, f.text
	for _, text := range f.data {
		condition, err := parseData(text)
		if err != nil {
			return q, usagef("--data %w", err)
		}
		q.Data = append(q.Data, condition)
	}
	return q, nil
}

// checkWords rejects what no row can have, which would choose none, and an object whose
// id was forgotten, which would choose those of its type.
func (f *filters) checkWords() error {
	for _, flag := range []struct {
		name, got string
		want      []string
	}{
		{"actor-type", f.actorType, []string{string(activity.ActorUser), string(activity.ActorService), string(activity.ActorSystem), string(activity.ActorAnonymous)}},
		{"status", f.status, []string{string(activity.StatusSuccess), string(activity.StatusFailed)}},
		{"source", f.source, []string{string(activity.SourceDeclared), string(activity.SourceDerived)}},
	} {
		if flag.got != "" && !slices.Contains(flag.want, flag.got) {
			return fmt.Errorf("--%s must be one of %s; got %.64q", flag.name, strings.Join(flag.want, ", "), flag.got)
		}
	}
	if _, id, ok := strings.Cut(f.object, "/"); ok && id == "" {
		return fmt.Errorf("--object must be TYPE or TYPE/ID, such as article or article/17; got %.64q, which ends with /", f.object)
	}
	return nil
}

func isTrace(text string) bool {
	return len(text) == 32 && strings.Trim(strings.ToLower(text), "0123456789abcdef") == ""
}

// parseData reads a condition, "parent.type=article".
func parseData(text string) (reader.DataValue, error) {
	path, value, ok := strings.Cut(text, "=")
	if !ok || path == "" {
		return reader.DataValue{}, fmt.Errorf("must have the form path=value, such as parent.type=article; got %.64q", text)
	}
	keys := strings.Split(path, ".")
	for _, key := range keys {
		if key == "" || strings.ContainsAny(key, `"\`) { // the reader refuses these, too
			return reader.DataValue{}, fmt.Errorf("must have a path of names with dots between them, without quotation marks and backslashes; got %.64q", path)
		}
	}
	return reader.DataValue{Path: keys, Value: value}, nil
}
