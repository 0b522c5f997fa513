package record

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// RPC holds the attributes of a remote procedure call. The service is in an attribute of
// its own or, since semantic conventions 1.38, in the method:
// "blog.v1.ArticleService/GetArticle".
type RPC struct {
	Service, Method string

	Code, OldCode string // the status of gRPC: its name, and its number
	ConnectCode   string // the error code of Connect
	JSONRPCCode   string // the error code of JSON-RPC
}

// read reads an attribute whose name begins with "rpc.".
func (r *RPC) read(key string, v pcommon.Value) {
	switch key {
	case "rpc.service":
		r.Service = Text(v)
	case "rpc.method":
		r.Method = strings.TrimPrefix(Text(v), "/")
	case "rpc.response.status_code":
		r.Code = Text(v)
	case "rpc.grpc.status_code":
		r.OldCode = Text(v)
	case "rpc.connect_rpc.error_code":
		r.ConnectCode = Text(v)
	case "rpc.jsonrpc.error_code":
		r.JSONRPCCode = Text(v)
	}
}

// GraphQL holds the attributes of an operation: "mutation", "createArticle".
type GraphQL struct {
	Kind, Name string
	Document   string // it may contain secrets
	Failed     bool   // the response has errors
	Split      bool   // its further root fields have spans of their own
}

// RootFieldKey is the attribute of a GraphQL operation that was split: which root field of
// its document the span is about, from 0.
const RootFieldKey = "graphql.root_field"

// read reads an attribute whose name begins with "graphql.".
func (g *GraphQL) read(key string, v pcommon.Value) {
	switch key {
	case "graphql.operation.type":
		g.Kind = Text(v)
	case "graphql.operation.name":
		g.Name = Text(v)
	case "graphql.document", "graphql.source": // JavaScript
		g.Document = Text(v)
	case RootFieldKey:
		g.Split = true
	case "graphql.errors", "graphql.error", "graphql.errors.count", "graphql.error.count", "graphql.error.message":
		switch Text(v) {
		case "", "0", "[]", "false", "null":
		default:
			g.Failed = true
		}
	}
}

// Statement holds the attributes of a statement of a database.
type Statement struct {
	System, Operation, Table string
	Summary, Text            string
	Code                     string // the database's response
}

// read reads an attribute whose name begins with "db.".
func (s *Statement) read(key string, v pcommon.Value) {
	switch key {
	case "db.system.name", "db.system":
		s.System = Text(v)
	case "db.operation.name", "db.operation":
		s.Operation = Text(v)
	case "db.collection.name", "db.sql.table", "db.mongodb.collection":
		s.Table = Text(v)
	case "db.query.summary":
		s.Summary = Text(v)
	case "db.query.text", "db.statement":
		s.Text = Text(v)
	case "db.response.status_code":
		s.Code = Text(v)
	}
}
