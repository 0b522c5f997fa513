// Package route reads the routes of web frameworks, and tells which object a
// request is about. The service's middleware and the Collector's processor
// both use it, so that the same request gets the same object on both ways.
//
// # Objects
//
// The last parameter of a route holds the object's id. The last literal segment
// before it, in the singular, is the object's type. The path "/api/articles/17"
// of the route "/api/articles/{id}" is article 17. A route without parameters
// names a type and no id: "/api/articles" is an article. Segments such as "api"
// and "v1" name nothing.
//
// What is not known stays empty, because a wrong object accuses somebody of
// something that did not happen:
//
//   - "/api/v1/{id}" and "/{slug}" have no type, so they have no object.
//   - "/{tenant}/articles" is an article without an id, since the tenant is not
//     its id. "/{slug}/edit" has no object: only a plural names a collection.
//   - A route that ends before the path does, such as a mounted "/api/" or
//     "/users/{id}/" for a whole tree, does not name the object.
//   - If route and path do not fit together, there is a type and no id.
//   - A parameter whose name says that it holds a secret, such as {token}, is
//     never an id.
//
// Where one route nests resources, as in "/users/{user}/orders/{id}", the
// innermost one is the object: order id. The outer ones are not recorded. They
// are still in the path on the span.
//
// If several parameters follow the literal, the one called "id", "pk" or like
// the type is the id: "/users/{id}/{tab}" is user id. Otherwise the last one is.
//
// # Requests without a route
//
// The pattern "" stands for a route that is not known. Then, and for "/", the
// object is guessed from the path. Numbers, UUIDs and long hexadecimal strings
// are taken for ids.
package route
