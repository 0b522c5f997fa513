// Package feed shows a service's customers what was done in their account: the rows of
// activity_log that belong to a tenant, to an actor, or to an actor of a tenant.
//
//	history, err := feed.NewHandler(r, feed.WithScope(func(r *http.Request) (feed.Scope, error) {
//		user, ok := userOf(r)
//		if !ok {
//			return feed.Scope{}, feed.ErrUnauthenticated
//		}
//		return feed.TenantScope(user.Tenant), nil
//	}))
//	mux.Handle("/account/activity/", http.StripPrefix("/account/activity", history))
//
// It serves three paths:
//
//	/         a page of activities
//	/history  what was done to an object, with object_type and object_id
//	/{id}     one activity
//
// Each is JSON, CSV, or a fragment of HTML for a page of the service.
//
// # Scope
//
// The scope is part of each query to the database, and each row that comes back is compared
// with it again. No parameter, cursor, header or method changes it. Without a scope, or with
// an empty one, nothing is shown.
//
// # Columns
//
// Columns that are not shown cannot be asked for either: a filter on one would tell what is
// in it. See [DefaultColumns], [WithColumns] and [WithData].
package feed
