package route

import (
	"net/http"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// Session is what a request does to a session.
type Session uint8

// The values of Session.
const (
	NoSession Session = iota
	Login             // it asks for one
	Logout            // it ends one
)

// ActionType returns what became of the request, which was answered with code, 0 if that
// is not known. known says whether it is known who logged in.
//
// The answer alone does not say that a login worked: a form that failed is often answered
// with 200 or 302. So a login that names nobody is a Login Attempt. A server that failed
// has refused nobody, so that is a Login, whose status is Failed.
func (s Session) ActionType(code int, known bool) activity.ActionType {
	if s == Logout {
		return activity.ActionLogout
	}
	switch code {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
		http.StatusUnprocessableEntity, http.StatusTooManyRequests:
		return activity.ActionLoginFailed
	}
	if known || code >= 500 {
		return activity.ActionLogin
	}
	return activity.ActionLoginAttempt
}

// IsAnswer reports whether a request without an actor is worth a row: somebody tried to
// log in, and was answered. A scanner that asks for a page that does not exist has not.
func (s Session) IsAnswer(code int) bool {
	return s == Login && (code < 400 || code >= 500 || s.ActionType(code, false) == activity.ActionLoginFailed)
}

// Words are compared in lower case without "-" and "_".
var (
	// logins and logouts mean it wherever they are.
	logins = set(`login logon signin authenticate authwithpassword dologin logincheck performlogin weblogin userlogin loginuser
		jspringsecuritycheck apitokenauth obtainauthtoken wplogin`)
	logouts = set("logout logoff signout dologout performlogout userlogout logoutuser endsession revoketoken")

	// secondSteps are pages of ASP.NET Core Identity that end a login.
	secondSteps = set("loginwith2fa loginwithrecoverycode")

	// opened are words that mean it if nothing is named before that they may be of:
	// "/session" and "/admin/session", not "/users/{id}/sessions" or "/checkout/sessions".
	opened = set("auth session sessions token")

	// doors are words before them, beside namespaces and people, that name nothing.
	doors = set("api authentication authn iam identity idp jwt oidc openid rest security sso")

	// issuers make a token after them a login: "/oauth/token".
	issuers = set("auth connect jwt o oauth oauth2 openid openidconnect login")

	// people are types of objects that can log in.
	people = set("account customer employee member person profile subscriber user")

	// ways may follow a login: "/login/password".
	ways = set(`2fa accesstoken ajax basic code complete credentials email finish form json ldap local mfa otp passkey password phone
		recoverycode sms social submit token totp twofactor username verify webauthn`)

	// extents may follow a logout: "/logout/all".
	extents = set("all confirm everywhere submit")
)

// sessionOf returns what a request with that method does to a session, by the words and
// parameters of its route.
func sessionOf(list []token, method string) Session {
	if method == http.MethodGet && len(list) > 0 {
		return logoutByLink(list)
	}
	if method != http.MethodPost && method != http.MethodPut && method != http.MethodDelete {
		return NoSession
	}
	switch {
	case isNPMLogin(list, method):
		return Login
	case isNPMLogout(list, method):
		return Logout
	}
	named := false // an id or a parameter is before the last word
	n := len(list)
	if n > 1 && list[n-1].mayBeName() && logins[word(&list[n-2])] {
		n-- // "/login/{username}"
	}
	for i := range max(n-1, 0) {
		named = named || !list[i].isLiteral()
		if i > 0 && !list[i].isLiteral() && people[Singular(wordAt(list, i-1))] {
			return NoSession // "/users/{id}/logout": of somebody else
		}
	}
	last, before := wordAt(list, n-1), wordAt(list, n-2)
	login := logins[last] || ways[last] && (logins[before] || before == "callback") || secondSteps[last] ||
		last == "token" && issuers[before] || last == "local" && before == "auth" || last == "create" && before == "jwt" ||
		!named && opened[last] && isOpened(list, n-2) || !named && last == "new" && (before == "session" || before == "sessions") && isOpened(list, n-3)
	switch {
	case logouts[last], extents[last] && logouts[before], last == "revoke" && (issuers[before] || opened[before]), last == "revocation":
		return Logout
	case login && method == http.MethodDelete && (logins[last] || last == "session" || last == "sessions"):
		return Logout
	case login && method == http.MethodPost, logins[last] && method == http.MethodPut:
		return Login
	}
	return NoSession
}

// mayBeName reports whether a token may be the name of who logs in, and is not a word of the
// route: "/login/alice", but not "/login/history".
func (t *token) mayBeName() bool {
	return !t.isLiteral() || t.guessed && t.meaning().sense == unknown
}

// isOpened reports whether the word at i, before one of a session, names nothing that the
// session may be of. It may be -1.
func isOpened(list []token, i int) bool {
	w := wordAt(list, i)
	return i < 0 || w != "" && (namespaces[w] || doors[w] || people[Singular(w)])
}

// isNPMLogin reports whether a request is how npm logs in to a package registry, which
// also makes the account: PUT /-/user/org.couchdb.user:alice.
func isNPMLogin(list []token, method string) bool {
	if method != http.MethodPut || len(list) < 2 || word(&list[0]) != "user" {
		return false
	}
	name := &list[1]
	return name.segment != nil && name.segment.name == "org_couchdb_user" || strings.HasPrefix(name.text, "org.couchdb.user")
}

// isNPMLogout reports whether a request is how npm logs out: DELETE /-/user/token/….
func isNPMLogout(list []token, method string) bool {
	return method == http.MethodDelete && len(list) >= 2 && len(list) <= 3 && word(&list[0]) == "user" && word(&list[1]) == "token"
}

// logoutByLink returns Logout for a link that ends a session.
func logoutByLink(list []token) Session {
	if logouts[word(&list[len(list)-1])] {
		return Logout
	}
	return NoSession
}

// wordAt returns a literal in the form that is compared, "" if there is none.
func wordAt(list []token, i int) string {
	if i < 0 || i >= len(list) {
		return ""
	}
	return word(&list[i])
}

func word(t *token) string {
	if !t.isLiteral() {
		return ""
	}
	text := t.text
	for _, extension := range [...]string{".php", ".do", ".aspx", ".jsp", ".action", ".cgi", ".json", ".html"} {
		text = strings.TrimSuffix(text, extension)
	}
	return strings.ToLower(squeeze(text))
}
