package route

import (
	"strings"
	"testing"
)

// A word in two lists would mean now this and now that.
func TestSensesAreDistinct(t *testing.T) {
	seen := map[string]sense{}
	for s, words := range vocabulary {
		for _, word := range strings.Fields(words) {
			if before, ok := seen[word]; ok {
				t.Errorf("%q is in the lists of %d and of %d", word, before, s)
			}
			seen[word] = s
			if single := Singular(word); single != word && senses[single] != unknown && senses[single] != s {
				t.Errorf("%q and %q have different senses", word, single)
			}
		}
	}
}

func TestMeaning(t *testing.T) {
	for literal, want := range map[string]meaning{
		"comments": {thing, ""}, "comment": {thing, ""}, "password": {attribute, ""}, "me": {qualifier, ""}, "@me": {qualifier, ""},
		"_search": {reads, ""}, "add": {creates, ""}, "bulk-delete": {deletes, ""}, "batchGet": {reads, ""}, "deleteAll": {deletes, ""},
		"createArticle": {creates, "article"}, "user_edit": {updates, "user"}, "add-role": {creates, "role"}, "undelete": {acts, ""},
		"resend-email": {acts, "email"}, "unfreeze": {acts, ""}, "frobnicate": {}, "merge_requests": {thing, ""},
		"personalize": {acts, ""}, "shipping-address": {attribute, ""}, "translation": {thing, ""}, "grant": {acts, ""}, "": {}, "-": {},
	} {
		if got := meaningOf(literal); got != want {
			t.Errorf("%q: got %+v, want %+v", literal, got, want)
		}
	}
}

func TestLooksLikeID(t *testing.T) {
	for _, id := range []string{
		"0", "17", "4539578763621486", "0f8fad5b-d9cb-469f-a165-70867728950e", "507f1f77bcf86cd799439011", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
		"01arz3ndektsv4rrffq69g5fav", "0ujtsYcgvSTl8PAuAdqWYSMnLOv", "cus_9s6XKzkNRiz8i3", "user_01h455vb4pex5vsknk084sn02q",
		"V1StGXR8_Z5jdHi6B-myT", "clh3am8hi0000mn08ze5jf3s2", "-NqJ7aJkLwXv3pT9sQ2y", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	} {
		if !looksLikeID(id) {
			t.Errorf("%q is not found", id)
		}
	}
	for _, word := range []string{
		"", "-", "articles", "deadbeef", "1.5", "-17", "17a", "2026-11-26", "v1beta1", "hello-world", "internationalization", "InternationalizationOfWebApplications",
		"my-10-best-tips-for-2026", "My-10-Best-Tips-For-2026-And-2027", "iphone15-vs-galaxy24-vs-pixel9-in-2026", "order_statuses_of_last_year",
		"alice@example.com", "main.CFde6OBl.js", "readme_for_developers2", "company_internationalization",
	} {
		if looksLikeID(word) {
			t.Errorf("%q is taken for an id", word)
		}
	}
}
