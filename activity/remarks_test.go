package activity_test

import (
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestDefaultRemarks(t *testing.T) {
	alice, article := activity.Actor{ID: "1", Name: "alice"}, activity.Object{Type: "article", ID: "17"}
	claimed := map[string]any{activity.ClaimedKey: "alice"}
	for _, tt := range []struct {
		want string
		a    activity.Activity
	}{
		{"alice created article 17", activity.Activity{Actor: alice, ActionType: activity.ActionCreate, Object: article, Status: activity.StatusSuccess}},
		{"alice read article 17", activity.Activity{Actor: alice, ActionType: activity.ActionRead, Object: article}},
		{"alice updated article 17", activity.Activity{Actor: alice, ActionType: activity.ActionUpdate, Object: article}},
		{"alice deleted article 17", activity.Activity{Actor: alice, ActionType: activity.ActionDelete, Object: article}},
		{"alice failed to update article 17", activity.Activity{Actor: alice, ActionType: activity.ActionUpdate, Object: article, Status: activity.StatusFailed}},
		{"alice failed to read article", activity.Activity{Actor: alice, ActionType: activity.ActionRead, Object: activity.Object{Type: "article"}, Status: activity.StatusFailed}},
		{"alice read 17", activity.Activity{Actor: alice, ActionType: activity.ActionRead, Object: activity.Object{ID: "17"}}},

		// logins, with the address and without the session
		{"alice logged in from 127.0.0.1", activity.Activity{Actor: alice, ActionType: activity.ActionLogin, Object: activity.Object{Type: "session"}, ClientAddress: "127.0.0.1"}},
		{"alice logged out from ::1", activity.Activity{Actor: alice, ActionType: activity.ActionLogout, ClientAddress: "::1"}},
		{"alice logged in", activity.Activity{Actor: alice, ActionType: activity.ActionLogin}},
		{"alice failed to log out", activity.Activity{Actor: alice, ActionType: activity.ActionLogout, Status: activity.StatusFailed}},
		{"alice failed to log in", activity.Activity{Actor: alice, ActionType: activity.ActionLogin, Status: activity.StatusFailed}},
		{"alice failed to log in from 127.0.0.1", activity.Activity{ActionType: activity.ActionLoginFailed, Status: activity.StatusFailed, Data: claimed, ClientAddress: "127.0.0.1"}},
		{"alice failed to log in", activity.Activity{Actor: activity.Actor{Type: activity.ActorAnonymous}, ActionType: activity.ActionLoginFailed, Data: claimed}},
		{"alice failed to log in", activity.Activity{Actor: activity.Actor{Name: "alice", Type: activity.ActorAnonymous}, ActionType: activity.ActionLoginFailed}},
		{"anonymous failed to log in", activity.Activity{ActionType: activity.ActionLoginFailed}},

		// a name that was claimed is nobody's elsewhere
		{"anonymous read article 17", activity.Activity{Actor: activity.Actor{Name: "alice", Type: activity.ActorAnonymous}, ActionType: activity.ActionRead, Object: article, Data: claimed}},
		{"anonymous logged in", activity.Activity{ActionType: activity.ActionLogin, Data: claimed}},

		// other actors
		{"7 read article 17", activity.Activity{Actor: activity.Actor{ID: "7"}, ActionType: activity.ActionRead, Object: article}},
		{"system deleted session", activity.Activity{Actor: activity.Actor{Type: activity.ActorSystem}, ActionType: activity.ActionDelete, Object: activity.Object{Type: "session"}}},
		{"nightly deleted session", activity.Activity{Actor: activity.Actor{Type: activity.ActorSystem, Name: "nightly"}, ActionType: activity.ActionDelete, Object: activity.Object{Type: "session"}}},
		{"anonymous read article 17", activity.Activity{ActionType: activity.ActionRead, Object: article}},

		// other words, and no object
		{"alice: Publish article 17", activity.Activity{Actor: alice, ActionType: "Publish", Object: article}},
		{"alice: Publish article 17 failed", activity.Activity{Actor: alice, ActionType: "Publish", Object: article, Status: activity.StatusFailed}},
		{"alice: Read", activity.Activity{Actor: alice, ActionType: activity.ActionRead, ActionName: "GET /reset/5f3c"}},
		{"alice: Read", activity.Activity{Actor: alice, ActionType: activity.ActionRead, ActionName: "GET https://shop.test/reset/5f3c"}},
		{"alice: Read", activity.Activity{Actor: alice, ActionType: activity.ActionRead, ActionName: "GET"}},
		{"alice: Read", activity.Activity{Actor: alice, ActionType: activity.ActionRead, ActionName: "GET reset/5f3c"}},
		{"alice: Update failed", activity.Activity{Actor: alice, ActionType: activity.ActionUpdate, ActionName: "/reset/5f3c", Status: activity.StatusFailed}},
		{"alice: Update (blog.v1.Articles/Publish)", activity.Activity{Actor: alice, ActionType: activity.ActionUpdate, ActionName: "blog.v1.Articles/Publish"}},
		{"alice: Publish (article.publish) failed", activity.Activity{Actor: alice, ActionType: "Publish", ActionName: "article.publish", Status: activity.StatusFailed}},
	} {
		if got := tt.a.DefaultRemarks(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// A name cannot make a sentence of its own.
func TestRemarksHaveOneLine(t *testing.T) {
	for name, want := range map[string]string{
		"alice\nbob deleted article 9": "alice bob deleted article 9 updated article 17",
		"a\u202eecila":                 "a ecila updated article 17",
		"a\u2028b\u0085c\x00d":         "a b c d updated article 17",
		"a\u061cb":                     "a b updated article 17",
		"Renée – “Zoë”":                "Renée – “Zoë” updated article 17",
	} {
		if got, want := activity.OneLine(name), strings.TrimSuffix(want, " updated article 17"); got != want {
			t.Errorf("OneLine(%q): got %q, want %q", name, got, want)
		}
		a := activity.Activity{ActionType: activity.ActionUpdate, Actor: activity.Actor{ID: "1", Name: name}, Object: activity.Object{Type: "article", ID: "17"}}
		if got := a.DefaultRemarks(); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
