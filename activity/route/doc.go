// Package route reads the routes of web frameworks. It tells what a request does, and to
// which object. The service's middleware and the Collector's processor both use it, so
// that both record the same for the same request.
//
// A wrong record accuses somebody of something that did not happen. So what is not known
// stays empty. If a route can be read in two ways, the record says what is true in both.
//
// # Objects
//
// A literal segment names the type of an object, in the singular. The parameter after it
// holds the object's id: "/api/articles/17" with the route "/api/articles/{id}" is article 17.
// The innermost object is the object of the request. Outer ones with an id are its
// parents: "/users/{user}/orders/{id}" is an order of a user. A route that ends with a
// literal names a type without an id: "/api/articles" is an article, and
// "/users/{id}/sessions" is a session of a user.
//
//   - "api", "v1" and similar words are not types.
//   - If no literal stands before a parameter, its name is the type: "/{owner}/{repo}" is
//     a repo of an owner, and "/:username" is a user. Names such as "id" and "slug" say
//     nothing: "/{slug}" has no object. The object of "/:db/:id" has an id and no type,
//     and belongs to a db.
//   - If several parameters follow a literal, the id is in the one called "id", "pk" or
//     like the type. If there is none, it is in the last one that is not optional.
//     Parameters that choose a view, such as {tab} and {format}, are never ids.
//   - A parameter that takes the rest of the path holds an id after "files" and similar
//     words. Elsewhere it stands for routes that are not known, see below.
//   - "/users/by-name/{name}" is a user, and "/users/{id}/sessions/current" a session:
//     some words say how an object is found, or which one is meant.
//   - A word for a tie between two objects is an object of its own, and the other object
//     stays as it is: "/articles/{id}/relationships/tags" is a relationship of an article.
//   - If route and path do not match, there is a type and no id.
//   - Secrets in paths are replaced by digests, so a parameter such as {token} has an id
//     that opens nothing: [Template.Secrets].
//
// # Actions
//
// GET and HEAD are Read, POST is Create, PUT and PATCH are Update, DELETE is Delete, and
// those of WebDAV are as [activity.ActionTypeFromMethod] says. The
// words of the route change that:
//
//   - A verb is an action on the object before it. "POST /orders/{id}/cancel" is an Update
//     of an order, with the action name "order.cancel". "delete" and "remove" are Delete,
//     "edit" and "save" are Update, "new" and "add" are Create. After POST, "search",
//     "preview" and "validate" are Read. A verb can also stand after a colon, "{id}:publish",
//     before the id, "/articles/delete/{id}", or before its object, "/createArticle".
//   - A verb can stand before what it is done to: "POST /users/{id}/remove/role" is an Update
//     of the user, "user.remove-role", and "POST /approve/orders" an Update of an order. Words
//     that are also nouns, "/run/jobs", leave the object open. After "actions" there is a verb.
//   - A parameter after such a verb is its argument: "POST /tickets/{id}/assign/{user}" is
//     an Update of the ticket.
//   - A noun is an object of its own. All plurals are nouns, and words such as "comment" and
//     "avatar". POST is Update for properties that an object always has, such as "password".
//   - Any other word can be a noun or a verb. With GET and DELETE it is read as a noun,
//     because one reads and deletes things: "DELETE /users/{id}/frob" deletes a frob of a
//     user. With POST, PUT and PATCH, the request is an Update of the object before the
//     word, which is true for both: "POST /orders/{id}/frob" updates an order, with the
//     action name "order.frob". In a route without parameters the word can also be an id,
//     because some frameworks send the path as the route: "DELETE /articles/frob" has no
//     object.
//   - DELETE with a verb other than "delete" is Update: "DELETE /posts/{id}/like" does not
//     delete the post.
//   - POST to an id, as in "POST /articles/{id}", is Update, because the object exists. So is
//     a POST without a known object.
//   - PUT is Create if it is answered with 201 (Created).
//
// A request that logs in or out, by the words of its route, has an [Act.Session].
//
// # Requests without a route
//
// The pattern "" is a route that is not known. Some routes say too little: the path of one
// request, the name of a route, a regular expression as a whole, or only the beginning of
// the path, such as "/api/" and "/articles/*". In these cases the rest is guessed from the
// path, by the same rules, and [Act.Guessed] is set. Numbers, UUIDs, ULIDs, hashes and other
// random text count as ids. They are "{id}" in the action name. Any other text can be an
// id, a noun or a verb, so "PUT /articles/hello-world" has no object, and
// "DELETE /users/3/frob" is about something of user 3.
package route
