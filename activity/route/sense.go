package route

import (
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// sense is what a word of a route means after the object that it is about.
type sense uint8

const (
	unknown   sense = iota // it may be a thing or an act
	thing                  // a thing of its own: "comments", "avatar"
	attribute              // a property, which is there already and can only change: "password"
	qualifier              // it says which or how, and not what: "current", "all"
	reads                  // acts: "search"
	creates                // "add"
	updates                // "edit"
	deletes                // "remove"
	acts                   // any other act: "publish"
)

// isAct reports whether the word is a verb.
func (s sense) isAct() bool { return s >= reads }

// isThing reports whether the word is a noun.
func (s sense) isThing() bool { return s == thing || s == attribute }

// meaning is the sense of a word, and what follows a verb in it: "article" of
// "createArticle".
type meaning struct {
	sense
	object string
}

// meaningOf returns what a literal of a route means.
func meaningOf(literal string) meaning {
	word := strings.ToLower(strings.TrimLeft(bare(literal), "@"))
	if s, ok := senses[word]; ok {
		return meaning{sense: s}
	}
	words := activity.Words(literal)
	for len(words) > 1 && batches[words[0]] {
		words = words[1:]
	}
	for len(words) > 1 && senses[words[len(words)-1]] == qualifier {
		words = words[:len(words)-1]
	}
	for len(words) > 1 && senses[words[0]] == qualifier && senses[words[1]].isAct() {
		words = words[1:] // "first-register"
	}
	if len(words) == 0 {
		return meaning{}
	}
	first, last := words[0], words[len(words)-1]
	if modifiers[first] && len(words) > 1 && Singular(last) != last {
		return meaning{sense: thing} // "merge_requests"
	}
	if s := verbOf(first); s.isAct() {
		if s == reads && changes(words[1:]) {
			return meaning{sense: acts}
		}
		return meaning{s, strings.Join(beforeBy(words[1:], s), "-")}
	}
	switch s := senses[last]; {
	case s.isThing():
		return meaning{sense: s}
	case len(words) > 1 && s > reads && s < acts:
		return meaning{s, strings.Join(words[:len(words)-1], "-")} // "user_edit"
	}
	if len(words) == 1 && isParticiple(last) {
		return meaning{sense: qualifier}
	}
	if senses[last] == unknown && isNoun(last) {
		return meaning{sense: thing}
	}
	return meaning{}
}

// particles are words after a verb that reads which make it another one: "check-in".
var particles = set("as in off on out")

// changes reports whether the words after a verb that reads say that something changes:
// "check-in", "get-or-create".
func changes(words []string) bool {
	for i, word := range words {
		if i == 0 && particles[word] {
			return true
		}
		if (word == "and" || word == "or" || word == "then") && i+1 < len(words) && senses[words[i+1]] > reads {
			return true
		}
	}
	return false
}

// beforeBy returns the words after a verb up to "by": "user" of "getUserById". What
// "deleteByQuery" deletes is not what its path names.
func beforeBy(words []string, s sense) []string {
	for i, word := range words {
		if word == "by" && (i > 0 || s == reads) {
			return words[:i]
		}
	}
	return words
}

// verbOf returns the sense of a verb, also with a prefix: "undelete", "resend".
func verbOf(word string) sense {
	if s := senses[word]; s != unknown {
		return s
	}
	for _, prefix := range [...]string{"un", "re", "de", "dis"} {
		if rest, ok := strings.CutPrefix(word, prefix); ok && senses[rest].isAct() && len(rest) > 2 {
			return acts
		}
	}
	if len(word) > 5 && hasAnySuffix(word, "ize", "ise", "ify") {
		return acts
	}
	return unknown
}

// isParticiple reports whether a word says which objects are meant: "completed".
func isParticiple(word string) bool {
	return len(word) > 5 && strings.HasSuffix(word, "ed") && !strings.HasSuffix(word, "eed")
}

// isNoun reports whether the form of a word says that it is a noun: a plural, or an
// ending that verbs rarely have.
func isNoun(word string) bool {
	return Singular(word) != word || len(word) > 6 && hasAnySuffix(word, "tion", "sion", "ment", "ness", "ity", "ship", "ance", "ence")
}

// bare returns a literal without the signs that some applications put before names that
// are their own: "_search", "-rev".
func bare(literal string) string {
	if s := strings.TrimLeft(literal, "_-."); s != "" {
		return s
	}
	return literal
}

// batches are words before a verb or a noun that do not change what is meant.
var batches = set("all batch bulk force mass multi multiple soft hard try")

// modifiers are verbs that also stand before a noun.
var modifiers = set("call issue launch like link log merge open play pull push report request reset run share sign test transfer vote")

// namespaces are words that divide a site, and that nobody acts on.
var namespaces = set(`admin app auth backend external internal manage management oauth oauth2 portal private public
	util utils web`)

// vocabulary holds the words whose form does not say what they mean. A word that is not
// here, and not a plural, may be either: the package comment says what follows.
var vocabulary = map[sense]string{
	thing:     things,
	attribute: attributes,
	qualifier: qualifiers,
	reads:     readVerbs,
	creates:   "add create import insert new register sign-up sign_up signup upload",
	updates:   "change edit modify patch put replace save set update upsert",
	deletes:   "delete del destroy erase purge remove",
	acts:      otherVerbs,
}

// senses holds the sense of each word of the vocabulary.
var senses = func() map[string]sense {
	m := map[string]sense{}
	for s, words := range vocabulary {
		for _, word := range strings.Fields(words) {
			m[word] = s
		}
	}
	return m
}()

const (
	things = `account answer article attachment avatar backup badge banner basket bookmark branch build cache calendar cart
		category certificate client collection comment commit company contact cover coupon customer database dataset
		deployment device document domain draft environment event exception favicon favorite feature file folder group
		guest history icon image invoice item job key logo member membership metric milestone namespace network
		node notification order organization owner package passkey payment permission photo picture pipeline plan player
		playlist policy post product profile-picture project question queue receipt reminder reply repository response role
		room row rule schema secret segment server service session shipment signature site snapshot strategy subtask
		subscription survey table task team template tenant theme thread thumbnail ticket timer timesheet token topic
		transaction variable variant video wallet warehouse webhook widget workflow workspace`
	attributes = `acl address availability balance bio body color config configuration content credentials data date
		description details due-date email enabled info language limit limits locale location metadata name nickname
		options order-status owner-id password phone position preferences price priority profile properties
		quantity quota settings size state status stock text timezone title username value visibility`
	qualifiers = `active all bulk batch current default expired first force forever hard ids inactive last latest many me
		mine multiple now old other others own permanent permanently recent self selected soft uids unread uuids`
	readVerbs = `aggregate analyze autocomplete browse calculate check compare compute count describe diff download
		estimate exists explain export fetch filter find get introspect list lookup mget msearch poll preview print query
		read render scroll search show simulate stats suggest userinfo validate view git-upload-archive git-upload-pack`
	otherVerbs = `abort accept acknowledge activate advance allow apply approve archive assign assume attach
		authorize ban bind block boost boot broadcast bump buy call cancel capture charge checkin checkout claim
		clear clone close compile complete configure confirm connect consume convert copy crawl deactivate decline
		decommission decrease decrement decrypt deliver demote deny deploy deposit deprecate detach disable
		disconnect discover dismiss dispatch duplicate eject empty enable encrypt end enqueue enroll escalate evaluate
		execute expire extend fail favourite finalise finalize finish flush follow forget forgot fork forward
		freeze fulfill generate give grant halt hide hold ignore impersonate increase increment ingest initialize inject
		install invalidate invite invoke issue join kick kill launch leave like link load lock mark merge migrate
		move mute negotiate nominate notify off on onboard open override park pause pay pick pin ping play pop postpone
		prepare process promote provision prune publish pull push raise react rebalance rebuild recalculate
		receive recharge recompute reconcile recover redeem redo refresh refund regenerate reindex reject reload
		remind rename renew reorder repair replay report repost reprocess request requeue reschedule reserve reset
		resize resolve respond restart restore resume retire retry return retweet reveal revert revoke rollback
		rotate run scan schedule seal seed send settle share ship shutdown sign signal silence skip snooze solve
		split stage star start stash stop submit subscribe suspend swap switch sync take terminate test throttle
		toggle touch train transfer transition trash trigger truncate undo unfollow uninstall unlink unload unlock
		unpublish unseal unstar unsubscribe upgrade vacuum verify void vote wake wipe withdraw write`
)

// endpoints are addresses that take acts of any kind.
var endpoints = set("batch bulk gql graphql jsonrpc mcp rpc soap trpc websocket ws xmlrpc")

// isService reports whether a literal is the address of a service with procedures of its
// own: "OrderService", "Calculator.svc". So is "auth", which is no object.
func isService(literal string) bool {
	if lower := strings.ToLower(literal); lower == "auth" || hasAnySuffix(lower, ".svc", ".asmx") {
		return true
	}
	words := activity.Words(literal)
	return len(words) > 1 && words[len(words)-1] == "service"
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, word := range strings.Fields(words) {
		m[word] = true
	}
	return m
}
