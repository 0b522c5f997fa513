package django_admin_test

import (
	"database/sql"
	"html"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/rows"
)

// refuses checks that not even a superuser changes anything, and that the
// addresses of the forms do not lead around the missing buttons.
func refuses(t *testing.T, list string, db *sql.DB, driver string) {
	before := all(t, db, driver)
	v := logIn(t, list, superuser)
	const refused = http.StatusForbidden
	form := url.Values{"remarks": {"it was nobody"}, "post": {"yes"}}
	for _, path := range []string{"add/", updateID + "/change/", updateID + "/delete/"} {
		if status, _ := v.post(path, form); status != refused {
			t.Errorf("POST %s: %d, want %d", path, status, refused)
		}
	}
	for _, path := range []string{"add/", updateID + "/delete/"} {
		if status, _ := v.get(path); status != refused {
			t.Errorf("GET %s: %d, want %d", path, status, refused)
		}
	}
	v.post("", url.Values{"action": {"delete_selected"}, "_selected_action": {updateID}, "post": {"yes"}})
	v.post("", url.Values{"form-TOTAL_FORMS": {"1"}, "form-INITIAL_FORMS": {"1"}, "form-0-event_id": {updateID}, "form-0-remarks": {"nobody"}, "_save": {"Save"}})
	if after := all(t, db, driver); !reflect.DeepEqual(before, after) {
		t.Errorf("the rows have changed:\n%v\nwere\n%v", after, before)
	}
}

// answers checks what people may type into the address, and what others may
// have written into a row.
func answers(t *testing.T, list string) {
	v := logIn(t, list, support)
	for _, id := range []string{"garbage", "00000000-0000-7000-8000-000000000000"} {
		if status, _ := v.get(id + "/change/"); status != http.StatusFound { // back to the start, with a message
			t.Errorf("an id that there is not, %s: %d, want %d", id, status, http.StatusFound)
		}
	}
	_, text := v.get(failedID + "/change/")
	for _, script := range []string{"script&gt;alert(1)", "script&gt;alert(2)"} {
		if !strings.Contains(text, "&lt;"+script) {
			t.Errorf("the page does not show %s", html.UnescapeString(script))
		}
		if strings.Contains(text, "<"+html.UnescapeString(script)) {
			t.Errorf("the page runs %s", html.UnescapeString(script))
		}
	}
	if status, _ := v.get("/admin/auth/user/"); status != http.StatusForbidden {
		t.Errorf("the list of users: %d for support, want %d", status, http.StatusForbidden)
	}
}

func all(t *testing.T, db *sql.DB, driver string) []rows.Row {
	t.Helper()
	all, err := rows.Read(t.Context(), db, driver)
	if err != nil || len(all) == 0 {
		t.Fatalf("%d rows, %v", len(all), err)
	}
	return all
}
