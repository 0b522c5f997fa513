package activitygqlgen_test

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// schema is that of the blog.
var schema = gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: `
type Query {
  listArticles: [String!]!
  getArticle(id: ID!): Article
  blogPost(id: ID!): Article
  token(id: ID!): String
  getBoom: String
}
type Mutation {
  login(name: String!, password: String!): String
  logout: Boolean
  createArticle(title: Title): Article!
  renameArticle(id: ID!, title: String!): Boolean
  publishArticle(id: ID!): Boolean
  createComment(article: ID!): ID
  deleteArticle(id: ID!): Boolean
  revokeToken(id: ID!): Boolean
  fail(how: String!): Boolean!
}
type Subscription { watchArticle(id: ID!): String! }
type Article { id: ID! title: String! author: String }
scalar Title
`})

// executable does what the code does that gqlgen generates for the schema, by the same
// functions of gqlgen. resolve is called for root fields.
type executable struct {
	resolve          func(ctx context.Context, field string, args map[string]any) (any, error)
	omitPanicHandler bool
}

func (executable) Schema() *ast.Schema { return schema }

func (executable) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (e executable) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation == ast.Subscription {
		return e.subscribe(ctx, op)
	}
	first := true
	return func(ctx context.Context) *graphql.Response {
		if !first {
			return nil
		}
		first = false
		return response(e.root(ctx, op))
	}
}

func response(data graphql.Marshaler) *graphql.Response {
	var buf bytes.Buffer
	data.MarshalGQL(&buf)
	return &graphql.Response{Data: buf.Bytes()}
}

func (e executable) root(ctx context.Context, op *graphql.OperationContext) graphql.Marshaler {
	object := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation"}[op.Operation.Operation]
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{object})
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: object})
	out := graphql.NewFieldSet(fields)
	for i, field := range fields {
		ctx := graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Object: field.Name, Field: field})
		resolve := func(ctx context.Context) graphql.Marshaler { return e.field(ctx, op, object, field) }
		switch {
		case field.Name == "__typename":
			out.Values[i] = graphql.MarshalString(object)
		case object == "Query" && field.Name != "__schema":
			out.ResolveRootConcurrently(ctx, op, i, true, field.Definition.Type.NonNull, resolve)
		default:
			if out.Values[i] = op.RootResolverMiddleware(ctx, resolve); field.Definition.Type.NonNull && out.Values[i] == graphql.Null {
				out.Invalids++
			}
		}
	}
	out.Dispatch(ctx)
	if out.Invalids > 0 {
		return graphql.Null
	}
	return out
}

func (e executable) field(ctx context.Context, op *graphql.OperationContext, object string, field graphql.CollectedField) graphql.Marshaler {
	return graphql.ResolveField(ctx, op, field,
		func(ctx context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {
			return contextOf(ctx, op, object, field)
		},
		func(ctx context.Context) (any, error) {
			return e.resolve(ctx, field.Name, graphql.GetFieldContext(ctx).Args)
		},
		nil,
		func(ctx context.Context, _ ast.SelectionSet, value any) graphql.Marshaler {
			return marshal(ctx, op, field, value)
		},
		!e.omitPanicHandler, field.Definition.Type.NonNull)
}

// contextOf reads the arguments of a field.
func contextOf(ctx context.Context, op *graphql.OperationContext, object string, field graphql.CollectedField) (*graphql.FieldContext, error) {
	fc := &graphql.FieldContext{Object: object, Field: field, IsMethod: true, IsResolver: true, Args: map[string]any{}}
	ctx = graphql.WithFieldContext(ctx, fc)
	raw := field.ArgumentMap(op.Variables)
	for name := range raw {
		value, err := graphql.ProcessArgField(ctx, raw, name, func(ctx context.Context, value any) (string, error) {
			text, err := graphql.UnmarshalString(value)
			if strings.Contains(text, "\n") {
				err = errors.New("a title has one line")
			}
			return text, graphql.ErrorOnPath(ctx, err)
		})
		if err != nil {
			op.Error(ctx, err)
			return fc, err
		}
		fc.Args[name] = value
	}
	return fc, nil
}

func marshal(ctx context.Context, op *graphql.OperationContext, field graphql.CollectedField, value any) graphql.Marshaler {
	switch v := value.(type) {
	case bool:
		return graphql.MarshalBoolean(v)
	case string:
		return graphql.MarshalString(v)
	case []string:
		list := make(graphql.Array, len(v))
		for i := range v {
			list[i] = graphql.MarshalString(v[i])
		}
		return list
	case adaptertest.Article:
		return article(ctx, op, field, v)
	}
	return graphql.Null
}

// article marshals an article. The author of one called "Orphan" cannot be found.
func article(ctx context.Context, op *graphql.OperationContext, parent graphql.CollectedField, a adaptertest.Article) graphql.Marshaler {
	fields := graphql.CollectFields(op, parent.Selections, []string{"Article"})
	out := graphql.NewFieldSet(fields)
	for i, field := range fields {
		out.Values[i] = graphql.ResolveField(ctx, op, field,
			func(_ context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {
				return &graphql.FieldContext{Object: "Article", Field: field}, nil
			},
			func(context.Context) (any, error) {
				if field.Name == "author" && a.Title == "Orphan" {
					return nil, errors.New("there is no author")
				}
				return map[string]string{"id": a.ID, "title": a.Title, "author": a.Author}[field.Name], nil
			},
			nil,
			func(_ context.Context, _ ast.SelectionSet, v string) graphql.Marshaler {
				return graphql.MarshalString(v)
			},
			true, false)
	}
	out.Dispatch(ctx)
	return out
}

// subscribe serves a subscription to events that the resolver sends.
func (e executable) subscribe(ctx context.Context, op *graphql.OperationContext) graphql.ResponseHandler {
	field := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})[0]
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Subscription"})
	next := graphql.ResolveFieldStream(ctx, op, field,
		func(ctx context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {
			return contextOf(ctx, op, "Subscription", field)
		},
		func(ctx context.Context) (any, error) {
			return e.resolve(ctx, field.Name, graphql.GetFieldContext(ctx).Args)
		},
		nil,
		func(_ context.Context, _ ast.SelectionSet, v string) graphql.Marshaler {
			return graphql.MarshalString(v)
		},
		true, true)
	return func(ctx context.Context) *graphql.Response {
		if next == nil {
			return nil
		}
		if data := next(ctx); data != nil {
			return response(data)
		}
		return nil
	}
}
