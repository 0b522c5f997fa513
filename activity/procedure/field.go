package procedure

import (
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// acts are verbs of mutations that change what exists already.
var acts = setOf(`accept activate approve archive assign attach ban block bookmark cancel close complete confirm connect
	deactivate decline demote detach disable disconnect dismiss downvote enable expire favorite favourite finish follow
	fulfill hide like lock mark merge mute pause pin promote publish rate reassign reject release rename reopen reorder
	resolve restore resume revoke schedule share star start stop submit subscribe suspend toggle transfer unarchive
	unassign unblock undelete unfollow unlike unlock unpin unpublish unstar unsubscribe upvote verify vote withdraw`)

// nouns are verbs that also are objects, before the verb: "postDelete", "uploadCancel".
var nouns = setOf("change import post register upload")

// fillers are words beside the object of a field: "createOneUser", "insert_users_one".
var fillers = setOf("all input many one")

// secretThings are objects whose ids may be secrets.
var secretThings = setOf("code credential invitation invite key otp password reset secret session share token verification")

func setOf(words string) map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		m[word] = true
	}
	return m
}

// fieldVerb returns what the name of a field or an operation says that it does, and to which
// object: "updateUserById", "user_update" and "update_users_by_pk" update a user. Both are ""
// if no known verb is in it.
func fieldVerb(name string) (activity.ActionType, string) {
	words := activity.Words(name)
	for i, word := range words {
		if word == "by" && i > 1 {
			words = words[:i]
			break
		}
	}
	for len(words) > 1 && fillers[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	if len(words) > 2 && fillers[words[1]] {
		words = append(words[:1:1], words[2:]...)
	}
	if len(words) == 0 {
		return "", ""
	}
	last, rest := words[len(words)-1], words[:len(words)-1]
	if postDelete := len(rest) == 1 && nouns[rest[0]] && (acts[last] || isChange(last)); !postDelete {
		if action, object := verbOf(strings.Join(words, "_")); action != "" {
			return action, object
		}
	}
	if acts[words[0]] {
		object, _ := beforePreposition(words[1:])
		return activity.ActionUpdate, thing(object)
	}
	switch action := verbs[last]; {
	case len(rest) == 0, nouns[last]: // "frobPost"
	case action == activity.ActionCreate || action == activity.ActionUpdate || action == activity.ActionDelete:
		return action, thing(rest) // Shopify, Saleor: "productCreate"
	case acts[last]:
		return activity.ActionUpdate, thing(rest)
	}
	return "", ""
}

// isChange reports whether a word is a verb that changes something, and no noun.
func isChange(word string) bool {
	switch verbs[word] {
	case activity.ActionCreate, activity.ActionUpdate, activity.ActionDelete:
		return !nouns[word]
	}
	return false
}

// isEvent reports whether a name says what has happened, or what is the case, and is no
// object's: "postAdded", "onPostUpdated", "isUserBlocked".
func isEvent(name string) bool {
	words := activity.Words(name)
	if len(words) < 2 {
		return false
	}
	last := words[len(words)-1]
	return words[0] == "on" || words[0] == "is" || words[0] == "has" || strings.HasSuffix(last, "ed") && !strings.HasSuffix(last, "eed")
}

// IsSecret reports whether the id of an object may be a secret.
func IsSecret(object string) bool {
	for word := range strings.SplitSeq(object, "_") {
		if secretThings[word] {
			return true
		}
	}
	return false
}
