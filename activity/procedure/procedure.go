// Package procedure tells from the names of procedures what a call does and to which type of
// object: GetArticle of blog.v1.ArticleService reads an article. The adapters of package
// instrument and the processor of the Collector share it, so that a call gives the same row
// whoever records it. It is for gRPC, Connect and similar systems, and for GraphQL.
package procedure

import (
	"cmp"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// Act returns what a call of a method of a service does: its action type, the name of the
// action and the type of the object, "" if the names do not tell. The first word of the method
// gives the type. One with an unknown first word is Update, because a change that is recorded
// as Read would be worse.
//
// service may be "" or have a package before it, "blog.v1.ArticleService". A method with a
// service before it, "/blog.v1.ArticleService/GetArticle", needs none.
func Act(service, method string) (action activity.ActionType, name, object string) {
	method = strings.TrimPrefix(method, "/")
	if i := strings.LastIndexByte(method, '/'); i >= 0 {
		service, method = method[:i], method[i+1:]
	}
	name = method
	if service != "" {
		name = service + "/" + method
	}
	if action, object = verbOf(method); action == "" {
		action = activity.ActionUpdate
	}
	if action == activity.ActionLogin || action == activity.ActionLogout {
		return action, name, ""
	}
	return action, name, cmp.Or(object, serviceObject(service))
}

// serviceObject returns the object type of a service: "article" for
// "blog.v1.ArticleService".
func serviceObject(service string) string {
	name := service[strings.LastIndexByte(service, '.')+1:]
	words := activity.Words(name)
	if n := len(words); n > 1 && (words[n-1] == "service" || words[n-1] == "api") {
		return thing(words[:n-1])
	}
	return ""
}
