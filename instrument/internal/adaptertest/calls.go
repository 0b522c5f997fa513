package adaptertest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// Message is every message of the blog in remote procedure calls. It has the methods that
// protoc-gen-go generates.
type Message struct {
	ID    string
	Title string
	Name  string
	Pass  string
	Token string
}

// GetId returns the id.
func (m *Message) GetId() string { return m.ID } //nolint:revive // the name that is generated

// NewMessage returns the request of a step.
func NewMessage(step *Step) *Message {
	return &Message{ID: step.Article, Title: step.Title, Name: step.Name, Pass: step.Password}
}

// JSONCodec spares a test generated code. gRPC and Connect have the same interface for it.
type JSONCodec struct{}

// Marshal returns v in JSON.
func (JSONCodec) Marshal(v any) ([]byte, error) { return json.Marshal(v) } //nolint:wrapcheck // it is the framework's

// Unmarshal reads v from JSON.
func (JSONCodec) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) } //nolint:wrapcheck // as above

// Name returns the name of the codec.
func (JSONCodec) Name() string { return "json" }

// The services of the blog.
const (
	Service     = "blog.v1.BlogService"
	CheckMethod = "/grpc.health.v1.Health/Check"
)

// Methods are the calls of the story to Service.
var Methods = map[Do]string{
	Login: "Login", Logout: "Logout", List: "ListArticles", Create: "CreateArticle", Get: "GetArticle", Rename: "UpdateArticle",
	Publish: "PublishArticle", Comment: "CreateComment", Delete: "DeleteArticle", Boom: "GetBoom",
}

// Procedure returns the procedure of an act.
func Procedure(do Do) string {
	if do == CheckHealth {
		return CheckMethod
	}
	return "/" + Service + "/" + Methods[do]
}

// Authenticate returns ctx with the user of a token, which the metadata of a call has. Login and
// health checks are open.
func (b *Blog) Authenticate(ctx context.Context, procedure, authorization string) (context.Context, error) {
	if procedure == CheckMethod {
		return ctx, nil
	}
	user, err := b.User(tokenOf(authorization))
	if err != nil && procedure != Procedure(Login) {
		return nil, err
	}
	return activity.ContextWithActor(ctx, user), nil
}

func tokenOf(authorization string) string { return strings.TrimPrefix(authorization, "Bearer ") }

// Handle serves a call. Its error is one of the blog.
func (b *Blog) Handle(ctx context.Context, do Do, authorization string, in *Message) (*Message, error) {
	current := instrument.FromContext(ctx)
	out := &Message{}
	var err error
	switch do {
	case Login:
		out.Token, err = b.Login(ctx, in.Name, in.Pass)
	case Logout:
		b.Logout(ctx, tokenOf(authorization))
	case List:
		out.Title = strings.Join(b.Titles(), ",")
	case Create:
		var a Article
		if a, err = b.Create(ctx, in.Title); err == nil {
			current.SetObject(activity.Object{ID: a.ID})
		}
	case Get:
		_, err = b.Get(in.ID)
	case Rename:
		err = b.Rename(ctx, in.ID, in.Title)
	case Publish:
		current.SetObject(activity.Object{Type: "article", ID: in.ID})
		err = b.Publish(ctx, in.ID)
	case Comment:
		var id string
		id, err = b.Comment(in.ID)
		current.SetObject(activity.Object{Type: "comment", ID: id, Parent: &activity.Object{Type: "article", ID: in.ID}})
	case Delete:
		err = b.Delete(ctx, in.ID)
	case Boom:
		panic("boom")
	case CheckHealth:
	}
	return out, err
}
