// Package route reads the routes of web frameworks, and tells what a request does to
// which object. The service's middleware and the Collector's processor
// both use it, so that the same request gets the same act on both ways.
//
// A wrong act accuses somebody of something that did not happen. So what is not known
// stays empty, and of two readings the one is recorded that is true in both.
//
// # Objects
//
// A literal names the type of an object, in the singular, and the parameter after it holds
// its id: the path "/api/articles/17" of the route "/api/articles/{id}" is article 17. The
// innermost object is the object, and what has an id before it is what it belongs to:
// "/users/{user}/orders/{id}" is order id of user user. A route that ends with a literal
// names a type and no id: "/api/articles" is an article, and "/users/{id}/sessions" is a
// session of user id.
//
//   - "api", "v1" and the like, "-" and "rest" at the beginning name nothing.
//   - Where no literal stands before a parameter, its name is the type: "/{owner}/{repo}" is
//     a repo of owner, "/:username" is a user. A name such as "id" or "slug" says
//     nothing: "/{slug}" has no object, and "/:db/:id" has one without a type, which
//     belongs to a db.
//   - If several parameters follow a literal, the one called "id", "pk" or like the type
//     is the id. Otherwise the last one is that must be there, except for one that
//     chooses a view, such as {tab} or {format}.
//   - A literal such as "by-name" says by what the object is found: "/users/by-name/{name}"
//     is user name. One such as "current" or "completed" says which, and not what.
//   - A parameter that takes the rest of a path is an id in "/files/{path...}" and under
//     similar words, and otherwise an unknown route: see below.
//   - If route and path do not fit together, there is a type and no id.
//   - A parameter whose name says that it holds a secret, such as {token}, is never an id.
//
// # Acts
//
// GET and HEAD are Read, POST is Create, PUT and PATCH are Update, DELETE is Delete, with
// these exceptions. The last literal decides, if it follows the id of an object or the name
// of a collection, or if it is alone:
//
//   - A verb is an act on the object before it. "POST /orders/{id}/cancel" is an Update of order id,
//     with the name "order.cancel". Verbs such as "delete" and "remove" are Delete,
//     "edit" and "save" are Update, "new" and "add" are Create, and after POST "search",
//     "preview" and "validate" are Read. A verb may also stand before the id, after a
//     colon as in "{id}:publish", or before its object as in "/createArticle".
//   - What follows a verb after an id is an argument: "POST /tickets/{id}/assign/{user}"
//     is an Update of ticket id.
//   - A noun is an object of its own. Plurals are nouns, and so are words such as
//     "comment" and "avatar". A property of the object, such as "password", is there
//     already: a POST is an Update.
//   - Any other word may be either. GET and DELETE are about a thing:
//     "DELETE /users/{id}/frob" deletes a frob of user id. POST, PUT and PATCH are an Update of the
//     object before the word, which is true for a thing and for an act:
//     "POST /orders/{id}/frob" is an Update of order id, with the name "order.frob".
//   - DELETE with another verb is an Update: "DELETE /posts/{id}/like" does not delete a post.
//   - A POST to an id, "/articles/{id}", is an Update: what has an id is there already.
//   - A PUT that is answered with 201 (Created) is a Create.
//   - A POST of which no object is known is an Update.
//
// # Requests without a route
//
// The pattern "" stands for a route that is not known. Then, and for a route that is the
// path itself, the name of a route, an expression, or no more than the beginning of the
// path, such as "/api/" or "/articles/*", the rest is guessed from the path, by the same
// rules. [Act.Guessed] says so. Numbers, UUIDs, ULIDs, long hexadecimal strings and other
// random texts are taken for ids, and are "{id}" in the name of the action. Any other text may be
// an id, a thing or an act, so that "PUT /articles/hello-world" has no object, and
// "DELETE /users/3/frob" is about something of user 3.
package route
