package activity

import "time"

// ActionType says what kind of act an activity is. The constants are those
// that dashboards and views know; other words are allowed.
type ActionType string

// The action types that the whole project knows.
const (
	ActionCreate      ActionType = "Create"
	ActionRead        ActionType = "Read"
	ActionUpdate      ActionType = "Update"
	ActionDelete      ActionType = "Delete"
	ActionLogin       ActionType = "Login"
	ActionLogout      ActionType = "Logout"
	ActionLoginFailed ActionType = "Login Failed"

	// ActionLoginAttempt is a login of which nobody knows whether it worked: it was
	// answered without an error, and nothing says who has logged in.
	ActionLoginAttempt ActionType = "Login Attempt"
)

// ActionUnknown is the action type of a row whose record came with an empty or blank
// one. It is not among [ActionTypes]: no service should say it.
const ActionUnknown ActionType = "Unknown"

// ActionTypes lists the constants above, in their order.
func ActionTypes() []ActionType {
	return []ActionType{
		ActionCreate, ActionRead, ActionUpdate, ActionDelete, ActionLogin, ActionLogout, ActionLoginFailed, ActionLoginAttempt,
	}
}

// ParseActionType returns the known action type that s spells, whatever its
// case and with space, "_", "-" or nothing between words: "login_failed",
// "LOGIN-FAILED" and "LoginFailed" are all [ActionLoginFailed]. ok is false for any
// other word, which is returned as it is.
func ParseActionType(s string) (t ActionType, ok bool) {
	switch t = ActionType(s); t { // nearly always
	case ActionCreate, ActionRead, ActionUpdate, ActionDelete, ActionLogin, ActionLogout, ActionLoginFailed, ActionLoginAttempt:
		return t, true
	}
	for _, known := range ActionTypes() {
		if sameWord(s, string(known)) {
			return known, true
		}
	}
	return ActionType(s), false
}

// Status says whether the act worked.
type Status string

// The two statuses.
const (
	StatusSuccess Status = "Success"
	StatusFailed  Status = "Failed"
)

// ParseStatus returns the status that s spells, whatever its case; ok is false
// when it spells neither, and then the status is empty.
func ParseStatus(s string) (status Status, ok bool) {
	switch {
	case s == string(StatusSuccess), s == string(StatusFailed): // nearly always
		return Status(s), true
	case sameWord(s, string(StatusSuccess)), sameWord(s, "ok"), sameWord(s, "succeeded"):
		return StatusSuccess, true
	case sameWord(s, string(StatusFailed)), sameWord(s, "failure"), sameWord(s, "error"):
		return StatusFailed, true
	}
	return "", false
}

// StatusFromHTTP returns the status of an HTTP response code: Success below
// 400, Failed from 400 on.
func StatusFromHTTP(code int) Status {
	if code < 400 {
		return StatusSuccess
	}
	return StatusFailed
}

// ActionTypeFromMethod returns the action type of an HTTP request method (GET
// and HEAD Read, POST Create, PUT and PATCH Update, DELETE Delete), and
// whether it is one of a request that acts. Those of WebDAV and CalDAV, and
// QUERY, are among them.
func ActionTypeFromMethod(method string) (ActionType, bool) {
	switch method {
	case "GET", "HEAD", "PROPFIND", "REPORT", "SEARCH", "QUERY":
		return ActionRead, true
	case "POST", "MKCOL", "MKCALENDAR":
		return ActionCreate, true
	case "PUT", "PATCH", "PROPPATCH", "MOVE", "COPY", "LOCK", "UNLOCK", "ACL":
		return ActionUpdate, true
	case "DELETE":
		return ActionDelete, true
	}
	return "", false
}

// ActorType says what kind of actor acts.
type ActorType string

// The actor types that the whole project knows.
const (
	ActorUser      ActorType = "user"      // a person
	ActorService   ActorType = "service"   // another program
	ActorSystem    ActorType = "system"    // the service itself, such as a job of its own
	ActorAnonymous ActorType = "anonymous" // somebody who is not known
)

// Source says where an activity comes from.
type Source string

// The two sources: the service recorded the activity itself, or the collector
// made it from a span of the service.
const (
	SourceDeclared Source = "declared"
	SourceDerived  Source = "derived"
)

// Actor is who acts. It is copied by value into each activity, so that a row
// outlives the account. The zero Actor is nobody.
type Actor struct {
	ID             string    // as the service knows it; "" is nobody
	Type           ActorType // "" means ActorUser when there is an ID
	Name           string    // for people: a user name or e-mail address; may be empty
	ImpersonatorID string    // who really acted, when somebody used the actor's account
	TenantID       string    // the customer or organisation that the actor belongs to
}

// IsZero reports whether a is nobody: neither an ID nor a type.
func (a Actor) IsZero() bool { return a.ID == "" && a.Type == "" }

// String returns what a sentence calls the actor: the name, else the id, else
// the type.
func (a Actor) String() string {
	switch {
	case a.Name != "":
		return a.Name
	case a.ID != "":
		return a.ID
	}
	return string(a.Type)
}

// Object is what is acted on. The zero Object is nothing in particular.
type Object struct {
	Type string // "article"
	ID   string // "17", a UUID, a slug
	Name string // for people; may be empty

	// Parent is what the object belongs to, which may itself belong to something: the user
	// of a session. nil: nothing, or not known. A row has it in its data, at [ParentKey].
	Parent *Object
}

// IsZero reports whether o names nothing.
func (o Object) IsZero() bool { return o == Object{} }

// String returns type and id with a space between, or the one that there is. It leaves
// out the parent.
func (o Object) String() string {
	switch {
	case o.ID == "":
		return o.Type
	case o.Type == "":
		return o.ID
	}
	return o.Type + " " + o.ID
}

// Activity is one act. Only ActionType is required; what is empty is left out
// of span, log record and row.
type Activity struct {
	ID            ID             // zero: made from Time when the activity is recorded
	Time          time.Time      // when the act began; zero: now. Not used when ID is set
	Actor         Actor          //
	ActionType    ActionType     // required
	ActionName    string         // what was called: "article.publish"
	Status        Status         // zero: Success
	ErrorType     string         // semantic convention error.type, when Failed
	Object        Object         // the main one
	Objects       []Object       // the others, in any order: the second article of a merge
	BatchID       ID             // zero: no batch; else what all activities of one batch share
	Remarks       string         // for people; zero: a default sentence
	Data          map[string]any // JSON-like: nil, bool, number, string, []any, map[string]any
	ClientAddress string         // IP address without a port
	UserAgent     string         //
	SessionID     string         // never a secret that opens the session
}

// sameWord compares two spellings, ignoring ASCII case and the separators
// space, "_" and "-".
func sameWord(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && isSeparator(a[i]) {
			i++
		}
		for j < len(b) && isSeparator(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if lower(a[i]) != lower(b[j]) {
			return false
		}
		i, j = i+1, j+1
	}
}

func isSeparator(c byte) bool { return c == ' ' || c == '_' || c == '-' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
