package procedure

import (
	"testing"
)

func TestVerbs(t *testing.T) {
	for name, want := range map[string]string{
		"GetArticle": "Read article", "ListArticles": "Read article", "BatchGetArticles": "Read article", "get_articles": "Read article",
		"CreateArticleComment": "Create article_comment", "createComment": "Create comment", "add-tags": "Create tag",
		"UpdateHTTPServer": "Update http_server", "SetACL": "Update acl", "upsertUser": "Update user", "DeleteOrderStatuses": "Delete order_status",
		"Login": "Login ", "SignIn": "Login ", "logOut": "Logout ", "LogIn": "Login ", "sign_out_user": "Logout user",
		"Get": "Read ", "Approve": " ", "Getter": " ", "Settle": " ", "": " ", "___": " ", "Batch": " ", "ÄndereArtikel": " ",
	} {
		action, object := verbOf(name)
		if got := string(action) + " " + object; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// A change must not count as a read because its name begins like one.
func TestVerbsOfTwo(t *testing.T) {
	for name, want := range map[string]string{
		"GetOrCreateUser": "Create user", "find_or_create_by": "Create ", "FetchAndUpdateOrders": "Update order", "ReadAndDelete": "Delete ",
		"CheckAndSet": "Update ", "FindAndModify": "Update ", "GetAndList": "Read and_list", "CheckOut": " ", "CheckIn": " ", "check_out_book": " ",
		"GetInProgressOrders": "Read in_progress_order", "GetOrders": "Read order", "GetOr": "Read or", "ListAnd": "Read and", "CheckOutage": "Read outage", "GetAddOrRemoveRules": "Read add_or_remove_rule",
		"HTTPGet": " ", "GETArticle": "Read article", "getX": "Read x", "get2": " ", "Get2": " ", "list.articles": "Read article", "LIST_ARTICLES": "Read article",
		"TryCreateUser": "Create user", "BulkDelete": "Delete ", "BatchBatchGet": " ", "LogEvent": " ", "SignDocument": " ", "LogInAgain": "Login again",
		"LoginHistory": " ", "LoginAttempts": " ", "LoginWithPassword": "Login with_password", "SignInStatus": " ", "LogoutURL": " ", "LoginUsers": " ",
		"AddUserToGroup": "Update ", "RemoveUsersFromGroup": "Update ", "GetUserByEmail": "Read user", "DeleteByQuery": "Delete ", "CreatePostForUser": "Create post",
		"CreateOrUpdateUser": "Update user", "DeleteAndCreateUser": "Update user", "AddOrInsertUser": "Create user",
	} {
		action, object := verbOf(name)
		if got := string(action) + " " + object; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestServices(t *testing.T) {
	for service, want := range map[string]string{
		"blog.v1.ArticleService": "article", "OrderItemsAPI": "order_item", "Greeter": "", "": "", "a.Service": "", "x.UserService": "user",
	} {
		if got := serviceObject(service); got != want {
			t.Errorf("%s: %q, want %q", service, got, want)
		}
	}
}

func TestAct(t *testing.T) {
	for call, want := range map[[2]string]string{
		{"blog.v1.ArticleService", "GetArticle"}: "Read|blog.v1.ArticleService/GetArticle|article",
		{"", "/blog.v1.ArticleService/Publish"}:  "Update|blog.v1.ArticleService/Publish|article",
		{"", "blog.v1.UserService/Login"}:        "Login|blog.v1.UserService/Login|",
		{"", "LoginUser"}:                        "Login|LoginUser|",
		{"", "CreateTag"}:                        "Create|CreateTag|tag",
		{"", ""}:                                 "Update||",
	} {
		act := Act(call[0], call[1])
		if got := string(act.Type) + "|" + act.Name + "|" + act.Object.Type; got != want {
			t.Errorf("%v: %q, want %q", call, got, want)
		}
	}
}

func TestIsNoise(t *testing.T) {
	for call, want := range map[[2]string]bool{
		{"grpc.health.v1.Health", "Check"}:                                   true,
		{"", "/grpc.health.v1.Health/Watch"}:                                 true,
		{"", "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"}:     true,
		{"grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo"}: true,
		{"", "/blog.v1.ArticleService/GetArticle"}:                           false,
		{"acme.health.v1.Health", "Check"}:                                   false,
		{"", "Check"}:                                                        false,
	} {
		if got := IsNoise(call[0], call[1]); got != want {
			t.Errorf("%v: %v, want %v", call, got, want)
		}
	}
}
