package procedure

import "testing"

// TestOperation is about names of root fields, of services in different styles.
func TestOperation(t *testing.T) {
	for _, tt := range []struct{ kind, name, want string }{
		{"mutation", "removePost", "Delete post"},
		{"mutation", "likePost", "Update post"}, // a noun at the end
		{"mutation", "frobPost", "Update "},
		{"mutation", "postComment", "Create comment"},
		{"mutation", "postDelete", "Delete post"},
		{"mutation", "postPublish", "Update post"},
		{"mutation", "uploadDelete", "Delete upload"},
		{"mutation", "addUserToGroup", "Update "},
		{"mutation", "removeUserFromGroup", "Update "},
		{"mutation", "addLabelsToLabelable", "Update "},
		{"mutation", "moveCardToList", "Update card"},
		{"mutation", "markNotificationAsRead", "Update notification"},
		{"mutation", "createPostFromTemplate", "Create post"},
		{"mutation", "deleteUserWithPosts", "Delete user"},
		{"mutation", "createOrUpdatePost", "Update post"},
		{"mutation", "undeletePost", "Update post"},
		{"mutation", "login", "Login "},
		{"mutation", "loginWithGoogle", "Login "},
		{"mutation", "clearLoginHistory", "Update "},
		{"mutation", "loginHistoryClear", "Update "},
		{"query", "loginHistory", "Read "},
		{"subscription", "postAdded", "Read "},
		{"subscription", "onPostUpdated", "Read "},
		{"query", "getPosts", "Read post"},
	} {
		action, object := Operation(tt.kind, tt.name)
		if got := string(action) + " " + object; got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.kind, tt.name, got, tt.want)
		}
	}
	for field, want := range map[string]string{
		"post": "post", "blogPost": "blog_post", "getUser": "user", "messages": "message",
		"postAdded": "", "onPostUpdated": "", "commentCreated": "", "deletePost": "", "isUserBlocked": "", "node": "",
		"postComment": "post_comment", "newsFeed": "news_feed", "newPost": "new_post", "hasAccess": "", "isAdmin": "",
	} {
		if got := ObjectOfQuery(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
}
