package web

import (
	"net/http"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/examples/blog/internal/store"
	"github.com/otelactivity/activitylog/instrument"
)

// deleteUser removes an account for good. The rows about that user stay: they
// hold the name by value.
func (s *server) deleteUser(w http.ResponseWriter, r *http.Request, by store.Session) {
	if !by.User.Admin {
		writeError(w, http.StatusForbidden, "admins only")
		return
	}
	id, ok := numericID(w, r)
	if !ok {
		return
	}
	if id == by.User.ID {
		writeError(w, http.StatusConflict, "an admin cannot delete their own account")
		return
	}
	u, err := s.store.User(r.Context(), id)
	if err == nil {
		err = s.store.DeleteUser(r.Context(), id)
	}
	if err != nil {
		fail(w, r, err)
		return
	}
	instrument.FromContext(r.Context()).SetObject(activity.Object{
		Type: "user", ID: r.PathValue("id"), Name: u.Name,
	})
	w.WriteHeader(http.StatusNoContent)
}
