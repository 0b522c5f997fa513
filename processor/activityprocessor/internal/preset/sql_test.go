package preset

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStatements(t *testing.T) {
	for statement, want := range map[string]string{
		"INSERT INTO articles (id) VALUES (1)":                   "INSERT articles",
		"insert into blog.articles select 1":                     "INSERT blog.articles",
		"INSERT INTO \"blog\".\"my articles\" VALUES (1)":        "INSERT blog.my articles",
		"INSERT INTO `blog`.`articles` VALUES (1)":               "INSERT blog.articles",
		"INSERT INTO [dbo].[articles] VALUES (1)":                "INSERT dbo.articles",
		"INSERT OR REPLACE INTO articles VALUES (1)":             "INSERT articles",
		"INSERT IGNORE articles VALUES (1)":                      "INSERT articles",
		"REPLACE INTO articles VALUES (1)":                       "REPLACE articles",
		"MERGE INTO articles USING x ON a = b":                   "MERGE articles",
		"UPDATE articles SET a = 1":                              "UPDATE articles",
		"UPDATE ONLY articles SET a = 1":                         "UPDATE articles",
		"UPDATE OR ROLLBACK articles SET a = 1":                  "UPDATE articles",
		"DELETE FROM articles WHERE id = 1":                      "DELETE articles",
		"DELETE a FROM articles a JOIN users u ON u.id = a.user": "DELETE articles",
		"DELETE a FROM blog.articles AS a":                       "DELETE blog.articles",
		"DELETE articles FROM articles JOIN users":               "DELETE articles",
		"DELETE u FROM articles a JOIN users u":                  "DELETE ",
		"DELETE a, u FROM articles a JOIN users u":               "DELETE ",
		"DELETE articles WHERE id = 1":                           "DELETE articles",
		"DELETE FROM ONLY articles":                              "DELETE articles",
		"-- who\nDELETE FROM articles":                           "DELETE articles",
		"/* a */ /* b */ update articles set a = 1":              "UPDATE articles",
		"  (INSERT INTO articles VALUES (1))":                    "INSERT articles",
		"INSERT INTO \"into\" VALUES (1)":                        "INSERT into",
		"INSERT INTO artículos VALUES (1)":                       "INSERT artículos",
		"INSERT INTO":                                            "INSERT ",
		"UPDATE \"unclosed":                                      "UPDATE ",
		"SELECT * FROM articles":                                 " ",
		"WITH a AS (SELECT 1) INSERT INTO articles SELECT 1":     " ",
		"TRUNCATE articles":                                      " ",
		"CREATE TABLE articles (id int)":                         " ",
		"":                                                       " ",
		"/* never ends":                                          " ",
		"INSERTINTO articles":                                    " ",
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
			require.GreaterOrEqual(t, i, 0, "%q is not in %q", table, statement)
			rest = rest[i+1:]
		}
	})
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
