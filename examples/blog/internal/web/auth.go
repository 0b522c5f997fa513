package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/examples/blog/internal/store"
	"github.com/otelactivity/activitylog/instrument"
)

// cookieName is the cookie that carries the session's token.
const cookieName = "blog_session"

type sessionKey struct{}

// authenticate finds out whose request it is. A request without a session, or
// with one that has ended, goes on as nobody's.
func (s *server) authenticate(next http.Handler) http.Handler {
	// CaptureRoute shows the wrapper outside the request that the mux gets, since it
	// has seen only the one before it.
	next = instrument.CaptureRoute(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie(cookieName)
		if err != nil {
			next.ServeHTTP(w, r)
			return
		}
		session, err := s.store.Session(r.Context(), cookie.Value)
		if errors.Is(err, store.ErrNotFound) {
			next.ServeHTTP(w, r)
			return
		}
		if err != nil {
			internalError(w, r, err)
			return
		}
		ctx := context.WithValue(r.Context(), sessionKey{}, session)
		current := instrument.FromContext(ctx)
		current.SetActor(actor(session.User))
		current.SetSession(session.PublicID)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// session returns the session that authenticate found.
func session(r *http.Request) (store.Session, bool) {
	session, ok := r.Context().Value(sessionKey{}).(store.Session)
	return session, ok
}

// userHandler is a handler for somebody who is known.
type userHandler func(w http.ResponseWriter, r *http.Request, by store.Session)

// signedIn answers 401 to everybody else.
func signedIn(next userHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, ok := session(r)
		if !ok {
			writeError(w, http.StatusUnauthorized, "login required")
			return
		}
		next(w, r, by)
	}
}

func actor(u store.User) activity.Actor {
	return activity.Actor{ID: strconv.FormatInt(u.ID, 10), Type: activity.ActorUser, Name: u.Name}
}

func (s *server) login(w http.ResponseWriter, r *http.Request) {
	var given struct{ Username, Password string }
	if !readJSON(w, r, &given) {
		instrument.FromContext(r.Context()).Skip() // nobody tried to be anybody
		return
	}
	user, err := s.store.Authenticate(r.Context(), given.Username, given.Password)
	if errors.Is(err, store.ErrBadLogin) {
		instrument.RecordLoginFailed(r.Context(), given.Username)
		writeError(w, http.StatusUnauthorized, err.Error())
		return
	}
	if err != nil {
		internalError(w, r, err)
		return
	}
	token, session, err := s.store.NewSession(r.Context(), user)
	if err != nil {
		internalError(w, r, err)
		return
	}
	instrument.RecordLogin(r.Context(), actor(user))
	instrument.FromContext(r.Context()).SetSession(session.PublicID)
	http.SetCookie(w, sessionCookie(r, token, int(store.SessionTTL.Seconds())))
	writeJSON(w, http.StatusOK, userJSON{user.ID, user.Name})
}

func (s *server) logout(w http.ResponseWriter, r *http.Request) {
	// Also where there is no session to end: the method alone says Create.
	instrument.FromContext(r.Context()).SetAction(activity.ActionLogout, "")
	signedIn(s.endSession)(w, r)
}

func (s *server) endSession(w http.ResponseWriter, r *http.Request, by store.Session) {
	if err := s.store.EndSession(r.Context(), by); err != nil {
		internalError(w, r, err)
		return
	}
	instrument.RecordLogout(r.Context(), actor(by.User))
	http.SetCookie(w, sessionCookie(r, "", -1))
	w.WriteHeader(http.StatusNoContent)
}

type userJSON struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func sessionCookie(r *http.Request, token string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever there is TLS: browsers drop such a cookie without it
		Name: cookieName, Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	}
}
