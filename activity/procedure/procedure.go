// Package procedure tells from the names of procedures what a call does and to which type of
// object: GetArticle of blog.v1.ArticleService reads an article. The adapters of package
// instrument and the processor of the Collector share it, so that a call gives the same row
// whoever records it. It is for gRPC, Connect and similar systems, and for GraphQL.
package procedure

import (
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// Act returns what a call of a method of a service does. Its type follows from the first word
// of the method. One with an unknown first word is Update, because a change that is recorded as
// Read would be worse. Name is "blog.v1.ArticleService/GetArticle". The object has no id.
//
// service may be "" or have a package before it, "blog.v1.ArticleService". A method with its
// service, "/blog.v1.ArticleService/GetArticle", needs no service.
func Act(service, method string) route.Act {
	method = strings.TrimPrefix(method, "/")
	if i := strings.LastIndexByte(method, '/'); i >= 0 {
		service, method = method[:i], method[i+1:]
	}
	act := route.Act{Name: method}
	if service != "" {
		act.Name = service + "/" + method
	}
	act.Type, act.Object.Type = verbOf(method)
	switch act.Type {
	case activity.ActionLogin:
		act.Object.Type, act.Session = "", route.Login
		return act
	case activity.ActionLogout:
		act.Object.Type, act.Session = "", route.Logout
		return act
	case "":
		act.Type = activity.ActionUpdate
	}
	if act.Object.Type == "" {
		act.Object.Type = serviceObject(service)
	}
	return act
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
