package activityprocessor

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
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
		assert.Equal(t, want, string(action)+" "+object, name)
	}
}

func TestServices(t *testing.T) {
	for service, want := range map[string]string{
		"blog.v1.ArticleService": "article", "OrderItemsAPI": "order_item", "Greeter": "", "": "", "a.Service": "", "x.UserService": "user",
	} {
		assert.Equal(t, want, serviceObject(service), service)
	}
}

func TestStatements(t *testing.T) {
	for statement, want := range map[string]string{
		"INSERT INTO articles (id) VALUES (1)":               "INSERT articles",
		"insert into blog.articles select 1":                 "INSERT blog.articles",
		"INSERT INTO \"blog\".\"my articles\" VALUES (1)":    "INSERT blog.my articles",
		"INSERT INTO `blog`.`articles` VALUES (1)":           "INSERT blog.articles",
		"INSERT INTO [dbo].[articles] VALUES (1)":            "INSERT dbo.articles",
		"INSERT OR REPLACE INTO articles VALUES (1)":         "INSERT articles",
		"INSERT IGNORE articles VALUES (1)":                  "INSERT articles",
		"REPLACE INTO articles VALUES (1)":                   "REPLACE articles",
		"MERGE INTO articles USING x ON a = b":               "MERGE articles",
		"UPDATE articles SET a = 1":                          "UPDATE articles",
		"UPDATE ONLY articles SET a = 1":                     "UPDATE articles",
		"UPDATE OR ROLLBACK articles SET a = 1":              "UPDATE articles",
		"DELETE FROM articles WHERE id = 1":                  "DELETE articles",
		"DELETE FROM ONLY articles":                          "DELETE articles",
		"-- who\nDELETE FROM articles":                       "DELETE articles",
		"/* a */ /* b */ update articles set a = 1":          "UPDATE articles",
		"  (INSERT INTO articles VALUES (1))":                "INSERT articles",
		"INSERT INTO \"into\" VALUES (1)":                    "INSERT into",
		"INSERT INTO artículos VALUES (1)":                   "INSERT artículos",
		"INSERT INTO":                                        "INSERT ",
		"UPDATE \"unclosed":                                  "UPDATE ",
		"SELECT * FROM articles":                             " ",
		"WITH a AS (SELECT 1) INSERT INTO articles SELECT 1": " ",
		"TRUNCATE articles":                                  " ",
		"CREATE TABLE articles (id int)":                     " ",
		"":                                                   " ",
		"/* never ends":                                      " ",
		"INSERTINTO articles":                                " ",
	} {
		operation, table := parseSQL(statement)
		assert.Equal(t, want, operation+" "+table, statement)
	}
}

// FuzzStatements: no panic, and a table that is in the statement, but for
// quotation marks that are doubled there.
func FuzzStatements(f *testing.F) {
	f.Add("INSERT OR REPLACE INTO \"a\".[b] -- c")
	f.Add("DELETE TOP (5) FROM [a]]b] . `c``` -- d")
	f.Add("update db..\"x\"\"\" /* y */ set z = 1")
	f.Fuzz(func(t *testing.T, statement string) {
		operation, table := parseSQL(statement)
		assert.Contains(t, []string{"", "INSERT", "REPLACE", "MERGE", "DELETE", "UPDATE"}, operation)
		assert.True(t, operation != "" || table == "", "a table of nothing")
		if !strings.ContainsAny(table, "\"`]") {
			for part := range strings.SplitSeq(table, ".") {
				assert.Contains(t, statement, part)
			}
			return
		}
		rest := statement
		for _, b := range []byte(table) {
			i := strings.IndexByte(rest, b)
			if i < 0 {
				t.Fatalf("%q is not in %q", table, statement)
			}
			rest = rest[i+1:]
		}
	})
}

func TestChanges(t *testing.T) {
	for operation, want := range map[string]activity.ActionType{
		"INSERT": activity.ActionCreate, "insertMany": activity.ActionCreate, "update": activity.ActionUpdate, "UPDATE articles": activity.ActionUpdate,
		"findAndModify": activity.ActionUpdate, "findOneAndDelete": activity.ActionDelete, "deleteOne": activity.ActionDelete, "find": "", "SELECT": "", "": "",
	} {
		assert.Equal(t, want, changeOf(operation), operation)
	}
}

func TestStatusCodes(t *testing.T) {
	for want, r := range map[string]rpc{
		"OK":                {oldCode: "0"},
		"UNAUTHENTICATED":   {oldCode: "16"},
		"NOT_FOUND":         {code: "NOT_FOUND", oldCode: "0"},
		"PERMISSION_DENIED": {connect: "permission_denied"},
		"-32601":            {errCode: "-32601"},
		"99":                {oldCode: "99"},
		"-1":                {oldCode: "-1"},
		"":                  {},
	} {
		assert.Equal(t, want, r.status())
	}
}

func TestPatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern, value string
		want           bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"a*", "ab", true}, {"a*", "ba", false}, {"*a*", "bab", true}, {"*", "x", true}, {"a.b", "axb", false},
		{"/api/*/x", "/api/1/2/x", true}, {"a*b", "a\nb", true}, {"*", "", false}, {"(", "(", true}, {"[*]", "[x]", true},
	} {
		assert.Equal(t, tt.want, newPatterns([]string{tt.pattern}).match(tt.value), "%s %s", tt.pattern, tt.value)
	}
	assert.True(t, newPatterns(nil).match(""), "without patterns all match")
}

func TestTextOf(t *testing.T) {
	m, list := pcommon.NewMap(), pcommon.NewSlice()
	m.PutInt("a", 1)
	list.AppendEmpty().SetStr("x")
	for _, tt := range []struct {
		value any
		want  string
	}{
		{nil, ""}, {" a ", "a"}, {int64(17), "17"}, {17.0, "17"}, {1.5, "1.5"}, {true, "true"}, {m, `{"a":1}`}, {list, `["x"]`}, {[]byte{1}, "AQ=="},
		{pcommon.NewValueStr("v"), "v"}, {[]any{1, "b"}, `[1,"b"]`},
	} {
		got, err := textOf(tt.value)
		assert.NoError(t, err)
		assert.Equal(t, tt.want, got)
	}
	_, err := textOf(struct{}{})
	assert.ErrorContains(t, err, "a value of type struct {} is no text")
}

func TestPutMember(t *testing.T) {
	m := pcommon.NewMap()
	assert.NoError(t, putMember(m, "a", int64(1), false))
	assert.NoError(t, putMember(m, "a", int64(2), false))
	assert.NoError(t, putMember(m, "b", nil, true))
	assert.Equal(t, attrs{"activity.data": attrs{"a": int64(1)}}, m.AsRaw())
	assert.NoError(t, putMember(m, "a", int64(2), true))
	assert.Equal(t, attrs{"activity.data": attrs{"a": int64(2)}}, m.AsRaw())
	m.PutStr("activity.data", "text")
	assert.ErrorContains(t, putMember(m, "a", int64(2), true), "activity.data has no members")
	assert.Equal(t, attrs{"activity.data": "text"}, m.AsRaw())
}

// Where each path is a route of its own, memory does not grow with them.
func TestTemplatesAreBounded(t *testing.T) {
	var c templateCache
	for i := range 3 * maxTemplates {
		c.of("/articles/" + strconv.Itoa(i))
	}
	assert.LessOrEqual(t, len(c.routes), maxTemplates)
	assert.Equal(t, "article", c.of("/articles/{id}").object)
}
