package web

import (
	"log/slog"
	"net/http"
	"strconv"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/feed"
)

// activities serves a user what they did themselves. The rows are opened with the first
// request: the blog runs whether or not the collector and its database do.
func (s *server) activities(w http.ResponseWriter, r *http.Request) {
	history, err := s.feed(r)
	if err != nil {
		slog.ErrorContext(r.Context(), "open the activities", "error", err)
		writeError(w, http.StatusServiceUnavailable, "activities cannot be read now")
		return
	}
	history.ServeHTTP(w, r)
}

// feed returns the handler of activities, which it makes once.
func (s *server) feed(r *http.Request) (http.Handler, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.history != nil {
		return s.history, nil
	}
	rows, err := reader.New(r.Context(), s.activityDB, reader.SQLite)
	if err != nil {
		return nil, err
	}
	s.history, err = feed.NewHandler(rows,
		feed.WithScope(ownActivities),
		feed.WithData(activity.ChangesKey),
		feed.WithLanguage(feed.AcceptLanguage(feed.English(), feed.German())),
	)
	return s.history, err
}

// ownActivities is whose activities somebody may see: their own, by their session.
func ownActivities(r *http.Request) (feed.Scope, error) {
	by, ok := session(r)
	if !ok {
		return feed.Scope{}, feed.ErrUnauthenticated
	}
	return feed.ActorScope(strconv.FormatInt(by.User.ID, 10)), nil
}
