package procedure

import (
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// verbs are the first words of the names of procedures and operations.
var verbs = map[string]activity.ActionType{
	"get": activity.ActionRead, "list": activity.ActionRead, "read": activity.ActionRead, "find": activity.ActionRead, "search": activity.ActionRead,
	"query": activity.ActionRead, "fetch": activity.ActionRead, "lookup": activity.ActionRead, "count": activity.ActionRead, "check": activity.ActionRead,
	"watch": activity.ActionRead, "stream": activity.ActionRead, "subscribe": activity.ActionRead, "show": activity.ActionRead, "view": activity.ActionRead,
	"describe": activity.ActionRead, "export": activity.ActionRead, "download": activity.ActionRead, "ping": activity.ActionRead, "has": activity.ActionRead,
	"create": activity.ActionCreate, "add": activity.ActionCreate, "insert": activity.ActionCreate, "register": activity.ActionCreate,
	"new": activity.ActionCreate, "upload": activity.ActionCreate, "import": activity.ActionCreate, "post": activity.ActionCreate,
	"update": activity.ActionUpdate, "set": activity.ActionUpdate, "patch": activity.ActionUpdate, "edit": activity.ActionUpdate, "put": activity.ActionUpdate,
	"modify": activity.ActionUpdate, "replace": activity.ActionUpdate, "change": activity.ActionUpdate, "rename": activity.ActionUpdate,
	"move": activity.ActionUpdate, "upsert": activity.ActionUpdate, "save": activity.ActionUpdate,
	"delete": activity.ActionDelete, "remove": activity.ActionDelete, "destroy": activity.ActionDelete, "purge": activity.ActionDelete, "drop": activity.ActionDelete,
	"login": activity.ActionLogin, "signin": activity.ActionLogin, "authenticate": activity.ActionLogin,
	"logout": activity.ActionLogout, "signout": activity.ActionLogout,
}

// batches are words before the verb that do not change it.
var batches = map[string]bool{"batch": true, "bulk": true, "mass": true, "try": true}

// verbOf returns what a name such as "BatchGetArticles" or "delete_user" does, and to
// which object: "article", "user". Both are "" if its first word is not a known verb.
func verbOf(name string) (action activity.ActionType, object string) {
	words := activity.Words(name)
	if len(words) > 1 && batches[words[0]] {
		words = words[1:]
	}
	if len(words) == 0 {
		return "", ""
	}
	if len(words) > 1 && (words[0] == "sign" || words[0] == "log") {
		words = append([]string{words[0] + words[1]}, words[2:]...)
	}
	if len(words) > 1 && words[0] == "check" && (words[1] == "in" || words[1] == "out") {
		return "", ""
	}
	first := words[0]
	action, words = verbs[first], words[1:]
	switch action {
	case activity.ActionRead:
		action, words = change(words)
	case activity.ActionLogin, activity.ActionLogout:
		if isAboutLogins(words) {
			return "", ""
		}
		return action, thing(words)
	default:
		action, words = either(action, words)
	}
	if action == "" {
		return "", ""
	}
	words, relation := beforePreposition(words)
	if relation && (first == "add" || first == "remove") {
		return activity.ActionUpdate, "" // "addUserToGroup" makes no user
	}
	return action, thing(words)
}

// loginThings are nouns after a login that are about logins: "LoginHistory".
var loginThings = setOf("activity config count event form history info link log option page report setting stat status url")

// isAboutLogins reports whether the words after "login" or "logout" make it a noun.
func isAboutLogins(words []string) bool {
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	return loginThings[words[0]] || loginThings[last] || len(words) == 1 && route.Singular(last) != last
}

// either returns what a name does that begins with a change and may have a second one:
// "CreateOrUpdateUser" updates a user, as far as one can tell.
func either(action activity.ActionType, words []string) (activity.ActionType, []string) {
	if action != "" && len(words) > 1 && (words[0] == "or" || words[0] == "and") {
		if second := verbs[words[1]]; second != "" && second != activity.ActionRead {
			if second != action {
				action = activity.ActionUpdate
			}
			return action, words[2:]
		}
	}
	return action, words
}

// prepositions are words after an object that another thing follows.
var prepositions = setOf("as by for from into onto to using via with within without")

// relations are those that say where an object goes.
var relations = setOf("from into onto to")

// beforePreposition returns the words for the object itself, and whether it goes somewhere:
// "user" of "user to group".
func beforePreposition(words []string) (object []string, relation bool) {
	for i, word := range words {
		if prepositions[word] && (i > 0 || word == "by") {
			return words[:i], relations[word]
		}
	}
	return words, false
}

// change returns what a name does that begins like a read, and the remaining words:
// "GetOrCreateUser" creates a user.
func change(words []string) (activity.ActionType, []string) {
	if len(words) > 1 && (words[0] == "or" || words[0] == "and") {
		if second := verbs[words[1]]; second != "" && second != activity.ActionRead {
			return second, words[2:]
		}
	}
	return activity.ActionRead, words
}

// thing returns the name of an object: "article_comment" for Article Comments.
func thing(words []string) string {
	if len(words) == 0 {
		return ""
	}
	words[len(words)-1] = route.Singular(words[len(words)-1])
	return strings.Join(words, "_")
}
