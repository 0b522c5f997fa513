package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// A change must not count as a read because its name begins like one.
func TestVerbsOfTwo(t *testing.T) {
	for name, want := range map[string]string{
		"GetOrCreateUser": "Create user", "find_or_create_by": "Create by", "FetchAndUpdateOrders": "Update order", "ReadAndDelete": "Delete ",
		"CheckAndSet": "Update ", "FindAndModify": "Update ", "GetAndList": "Read and_list", "CheckOut": " ", "CheckIn": " ", "check_out_book": " ",
		"GetInProgressOrders": "Read in_progress_order", "GetOrders": "Read order", "GetOr": "Read or", "ListAnd": "Read and", "CheckOutage": "Read outage", "GetAddOrRemoveRules": "Read add_or_remove_rule",
		"HTTPGet": " ", "GETArticle": "Read article", "getX": "Read x", "get2": " ", "Get2": " ", "list.articles": "Read article", "LIST_ARTICLES": "Read article",
		"TryCreateUser": "Create user", "BulkDelete": "Delete ", "BatchBatchGet": " ", "LogEvent": " ", "SignDocument": " ", "LogInAgain": "Login again",
	} {
		action, object := verbOf(name)
		assert.Equal(t, want, string(action)+" "+object, name)
	}
}

func TestWords(t *testing.T) {
	for name, want := range map[string][]string{
		"":               nil,
		"_-/ ":           nil,
		"GetHTTPServer":  {"get", "http", "server"},
		"getHTTP":        {"get", "http"},
		"A":              {"a"},
		"AB":             {"ab"},
		"ABc":            {"a", "bc"},
		"get_Article-v2": {"get", "article", "v2"},
		"V2Article":      {"v2", "article"},
		"ÄndereÜberall":  {"ändere", "überall"},
		"\xff\xfeGet":    {"get"},
	} {
		assert.Equal(t, want, wordsOf(name), name)
	}
}

func TestMoreStatements(t *testing.T) {
	for statement, want := range map[string]string{
		// names
		`INSERT INTO [blog] . [dbo] . [articles] VALUES (1)`: "INSERT blog.dbo.articles",
		`UPDATE blog . articles SET a = 1`:                   "UPDATE blog.articles",
		`INSERT INTO tempdb..articles VALUES (1)`:            "INSERT tempdb..articles",
		`INSERT INTO "a""b" VALUES (1)`:                      `INSERT a"b`,
		"UPDATE `a``b` SET c = 1":                            "UPDATE a`b",
		`UPDATE [a]]b] SET c = 1`:                            "UPDATE a]b",
		`UPDATE "a.b"."c" SET d = 1`:                         "UPDATE a.b.c",
		`INSERT INTO articles(id) VALUES (1)`:                "INSERT articles",
		`INSERT INTO articles/* c */(id) VALUES (1)`:         "INSERT articles",
		`UPDATE articles-- c`:                                "UPDATE articles",
		`DELETE FROM articles;`:                              "DELETE articles",
		`INSERT INTO "" VALUES (1)`:                          "INSERT ",
		`DELETE FROM $1`:                                     "DELETE $1",
		`INSERT INTO ? VALUES (1)`:                           "INSERT ",
		`INSERT INTO @rows VALUES (1)`:                       "INSERT ",
		"INSERT INTO #rows\nSELECT * FROM articles":          "INSERT ",
		"INSERT INTO ##rows SELECT 1":                        "INSERT ",
		`INSERT INTO 日記 VALUES (1)`:                          "INSERT 日記",

		// what stands between
		`DELETE TOP (5) FROM articles`:                               "DELETE articles",
		`UPDATE TOP(10) PERCENT articles SET a = 1`:                  "UPDATE articles",
		`INSERT TOP (1) INTO articles SELECT 1`:                      "INSERT articles",
		`UPDATE top SET a = 1`:                                       "UPDATE top",
		`INSERT /*+ APPEND */ INTO articles VALUES (1)`:              "INSERT articles",
		`INSERT LOW_PRIORITY IGNORE INTO articles VALUES (1)`:        "INSERT articles",
		`INSERT OVERWRITE TABLE articles SELECT 1`:                   "INSERT articles",
		`INSERT OR ABORT INTO articles VALUES (1)`:                   "INSERT articles",
		`DELETE QUICK FROM articles`:                                 "DELETE articles",
		`MERGE articles AS t USING x ON t.a = x.a`:                   "MERGE articles",
		"# mysql's\n-- ours\n/* and\n one */ DELETE\nFROM\tarticles": "DELETE articles",

		// no change of a table
		`EXPLAIN DELETE FROM articles`:        " ",
		`; ;`:                                 " ",
		`UPDATE`:                              "UPDATE ",
		`UPDATE ; DELETE FROM articles`:       "UPDATE ",
		`DELETE FROM (SELECT * FROM a) WHERE`: "DELETE ",
		`INSERT INTO (a, b)`:                  "INSERT ",
		`CALL update_articles()`:              " ",
		`BEGIN; UPDATE articles SET a = 1`:    " ",
		"\x00\xff UPDATE articles":            " ",
	} {
		operation, table := parseSQL(statement)
		assert.Equal(t, want, operation+" "+table, statement)
	}
}

// Semantic conventions have "BATCH " before the operation of a batch.
func TestOperations(t *testing.T) {
	for operation, want := range map[string]activity.ActionType{
		"BATCH INSERT": activity.ActionCreate, "BATCH": "", "batch delete": activity.ActionDelete, "INSERT INTO": activity.ActionCreate, "MERGE": activity.ActionUpdate,
		"upsert": activity.ActionUpdate, "findOneAndReplace": activity.ActionUpdate, "replaceOne": activity.ActionUpdate, "aggregate": "", "BATCH SELECT": "", " ": "",
	} {
		assert.Equal(t, want, changeOf(operation), operation)
	}
}

func TestTargets(t *testing.T) {
	for _, tt := range []struct {
		d                database
		operation, table string
	}{
		{database{operation: "UPDATE", table: "a", statement: "DELETE FROM b"}, "UPDATE", "a"},
		{database{table: "a", statement: "update b set c = 1"}, "UPDATE", "a"},
		{database{operation: "update", statement: "UPDATE b SET c = 1"}, "UPDATE", "b"},
		{database{operation: "SELECT", statement: "UPDATE b SET c = 1"}, "SELECT", ""},
		{database{operation: "INSERT", statement: "UPDATE b SET c = 1"}, "INSERT", ""},
		{database{summary: "INSERT articles"}, "INSERT", "articles"},
		{database{summary: "SELECT articles", statement: "SELECT * FROM articles"}, "", ""},
		{database{operation: "BATCH INSERT", statement: "INSERT INTO articles VALUES (1)"}, "BATCH INSERT", "articles"},
		{database{}, "", ""},
	} {
		operation, table := tt.d.target()
		assert.Equal(t, [2]string{tt.operation, tt.table}, [2]string{operation, table}, "%+v", tt.d)
	}
}

// The same code comes in the words of each system.
func TestSpellingsOfCodes(t *testing.T) {
	for code, want := range map[string]string{
		"ok": "OK", "Ok": "OK", "0": "OK", "permission_denied": "PERMISSION_DENIED", "PermissionDenied": "PERMISSION_DENIED", "Unauthenticated": "UNAUTHENTICATED",
		"NotFound": "NOT_FOUND", "canceled": "CANCELLED", "Canceled": "CANCELLED", "17": "17", "-32601": "-32601", "MyError": "MyError", "com.example.NotFound": "com.example.NotFound",
	} {
		assert.Equal(t, want, (&rpc{code: code}).status(), code)
	}
}

func TestGraphQLMade(t *testing.T) {
	for _, tt := range []struct {
		kind, name string
		code       ptrace.StatusCode
		want       string
	}{
		{"query", "DeleteArticle", 0, "Read article Success query DeleteArticle"},
		{"Query", "", 0, "Read  Success query"},
		{"subscription", "onComment", 0, "Read  Success subscription onComment"},
		{"MUTATION", "addTags", 0, "Create tag Success mutation addTags"},
		{"mutation", "GetOrCreateTag", 0, "Create tag Success mutation GetOrCreateTag"},
		{"mutation", "listTags", 0, "Update  Success mutation listTags"},
		{"mutation", "logout", ptrace.StatusCodeError, "Logout  Failed mutation logout"},
	} {
		m := ofGraphQL(&facts{graphql: graphql{tt.kind, tt.name}, status: tt.code}, ptrace.Span{})
		assert.Equal(t, tt.want, string(m.action)+" "+m.object.Type+" "+string(m.status)+" "+m.name)
	}
}

func TestMorePatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern, value string
		want           bool
	}{
		{"a*a", "a", false}, {"a*a", "aa", true}, {"ab*ba", "aba", false}, {"**", "", false}, {"**", "x", true}, {"*a*a*", "a", false}, {"*a*a*", "aa", true},
		{"a*b*c", "abbc", true}, {"a*b*c", "acb", false}, {"*b", "ab", true}, {"*b", "ba", false}, {"a?c", "abc", false}, {"A", "a", false}, {"ü*", "über", true},
		{"*bc*bd", "abcbd", true}, {"*ab", "abab", true}, {"a*ab", "ab", false},
	} {
		assert.Equal(t, tt.want, newPatterns([]string{tt.pattern}).match(tt.value), "%s %s", tt.pattern, tt.value)
	}
	assert.True(t, newPatterns([]string{"x", "y*"}).match("", "yes"))
	assert.False(t, newPatterns([]string{"x", "y*"}).match("", "no"))
	assert.False(t, newPatterns([]string{"*"}).match(), "nothing is no text")
}
