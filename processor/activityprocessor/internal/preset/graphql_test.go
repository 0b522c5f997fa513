package preset

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func graphQL(g record.GraphQL, code ptrace.StatusCode) string {
	m := ofGraphQL(&record.Record{Span: ptrace.NewSpan(), Facts: record.Facts{GraphQL: g, Status: code}})
	return strings.Join([]string{string(m.Action), m.Object.Type, m.Object.ID, string(m.Status), m.Name}, "|")
}

func TestGraphQLMade(t *testing.T) {
	for _, tt := range []struct {
		kind, name string
		code       ptrace.StatusCode
		want       string
	}{
		{"query", "DeleteArticle", 0, "Read|article||Success|query DeleteArticle"},
		{"Query", "", 0, "Read|||Success|query"},
		{"subscription", "onComment", 0, "Read|||Success|subscription onComment"},
		{"MUTATION", "addTags", 0, "Create|tag||Success|mutation addTags"},
		{"mutation", "GetOrCreateTag", 0, "Create|tag||Success|mutation GetOrCreateTag"},
		{"mutation", "listTags", 0, "Update|||Success|mutation listTags"},
		{"mutation", "logout", ptrace.StatusCodeError, "Logout|||Failed|mutation logout"},
	} {
		assert.Equal(t, tt.want, graphQL(record.GraphQL{Kind: tt.kind, Name: tt.name}, tt.code))
	}
}

func TestGraphQLDocument(t *testing.T) {
	for document, want := range map[string]string{
		`mutation { removePost(id: 1) { id } }`:                                       "Delete|post|1|Success|mutation removePost",
		`mutation{removePost(id:"a-17"){id}}`:                                         "Delete|post|a-17|Success|mutation removePost",
		`mutation { removePost(id:*) { id } }`:                                        "Delete|post||Success|mutation removePost",
		`mutation Upd($i: ID! = "4") { updatePost(id:$i  title:"*") { id title } }`:   "Update|post||Success|mutation updatePost",
		`mutation createOne { createPost(title:"*"  user_id:*) { id } }`:              "Create|post||Success|mutation createPost",
		`mutation { login(id: "alice", password: "s3cret") { token } }`:               "Login|||Success|mutation login",
		`mutation { revokeToken(id: "s3cret") }`:                                      "Update|token||Success|mutation revokeToken",
		`mutation { gone: deletePost(where: {id: 5}) @a(b: "}") { id } }`:             "Delete|post||Success|mutation deletePost",
		`mutation { publishArticle(id: "s3cret s3cret") }`:                            "Update|article||Success|mutation publishArticle",
		`mutation { publishArticle(id: 7) }`:                                          "Update|article|7|Success|mutation publishArticle",
		`mutation { productCreate(input: {title: "x # } {"}) { id } }`:                "Create|product||Success|mutation productCreate",
		`mutation { insert_users_one(object: {a: """x " }""" }) { id } }`:             "Create|user||Success|mutation insert_users_one",
		`mutation { update_users_by_pk(pk_columns: {id: 3}) { id } }`:                 "Update|user||Success|mutation update_users_by_pk",
		`mutation { deleteManyPost(where: {}) { count } }`:                            "Delete|post||Success|mutation deleteManyPost",
		`mutation { frobnicate(id: 3) }`:                                              "Update|||Success|mutation frobnicate",
		"mutation { # removeUser\n removePost(id: 1) { id } }":                        "Delete|post|1|Success|mutation removePost",
		`mutation { removePost(id: 1) { id } removePost2: removePost(id: 2) { id } }`: "Delete|post||Success|mutation removePost, removePost",
		`mutation { removePost(id: 1) { id } createUser { id } }`:                     "Update|||Success|mutation removePost, createUser",
		`mutation { ...F } fragment F on Mutation { removePost(id: 1) { id } }`:       "Update|||Success|mutation",
		`mutation A { removePost(id: 1) } mutation B { createUser }`:                  "Update|||Success|mutation",
		`mutation { removePost(id: 1`:                                                 "Update|||Success|mutation",
		`mutation { removePost(id: 1) { id } removePost(id: 1) { title } }`:           "Delete|post|1|Success|mutation removePost",
		`mutation { p: removePost(id: 1) { id } p: createUser { id } }`:               "Update|||Success|mutation",
		`mutation { __typename removePost(id: 1) { id } t: __typename }`:              "Delete|post|1|Success|mutation removePost",
		`mutation { removePost(id: 1) @skip(if: $x) createUser }`:                     "Update|||Success|mutation",
		`mutation { removePost(id: 1) @include(if: false) { id } }`:                   "Update|||Success|mutation",
		`mutation { removePost(id: 1) @audit { id @include(if: $x) } }`:               "Delete|post|1|Success|mutation removePost",
		`mutation`: "Update|||Success|mutation",
		`fragment F on Post { id } mutation { removePost(id: 1) { ...F } }`: "Delete|post|1|Success|mutation removePost",
	} {
		assert.Equal(t, want, graphQL(record.GraphQL{Kind: "mutation", Document: document}, 0), document)
		assert.NotContains(t, graphQL(record.GraphQL{Kind: "mutation", Document: document}, 0), "s3cret")
	}
	assert.Equal(t, "Create|user||Success|mutation createUser",
		graphQL(record.GraphQL{Kind: "mutation", Name: "B", Document: `mutation A { removePost(id: 1) } mutation B { createUser }`}, 0))
	assert.Equal(t, "|||Success|", strings.Replace(graphQL(record.GraphQL{Kind: "query", Document: `{ __schema { types { name } } }`}, 0), "||||", "|||Success|", 1), "a program reads the schema")
	for document, want := range map[string]string{
		`{ blogPost(id: 3) { id } }`:      "Read|blog_post|3|Success|query blogPost",
		`{ getUser(id: "7") { id } }`:     "Read|user|7|Success|query getUser",
		`{ userById(id: 7) { id } }`:      "Read|user|7|Success|query userById",
		`{ getUserById(id: 7) { id } }`:   "Read|user|7|Success|query getUserById",
		`{ viewer { id } }`:               "Read|||Success|query viewer",
		`{ token(id: "s3cret") }`:         "Read|token||Success|query token",
		`{ node(id: "VXNlcjo3") { id } }`: "Read|||Success|query node",
	} {
		assert.Equal(t, want, graphQL(record.GraphQL{Kind: "query", Document: document}, 0))
	}
	assert.Equal(t, "Read|||Success|query allPosts", graphQL(record.GraphQL{Kind: "query", Document: `{ allPosts { id title } }`}, 0))
	assert.Equal(t, "Read|||Failed|query allPosts", graphQL(record.GraphQL{Kind: "query", Document: `{ allPosts { id } }`, Failed: true}, 0))
}

func TestGraphQLException(t *testing.T) {
	span := ptrace.NewSpan()
	event := span.Events().AppendEmpty()
	event.SetName("exception")
	event.Attributes().PutStr("exception.type", "GraphQLError")
	m := ofGraphQL(&record.Record{Span: span, Facts: record.Facts{GraphQL: record.GraphQL{Kind: "mutation", Name: "removePost"}}})
	assert.Equal(t, "Failed GraphQLError", string(m.Status)+" "+m.Error)
}

func FuzzRootFields(f *testing.F) {
	f.Add(`mutation A($i: ID!) @x { a: removePost(id: "1") { id } ...F }`, "A")
	f.Fuzz(func(t *testing.T, document, name string) {
		for _, field := range rootFields(document, name) {
			assert.True(t, field.id == "" || isLiteralID(field.id), "%q", field)
		}
	})
}
