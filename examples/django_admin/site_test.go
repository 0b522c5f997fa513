package django_admin_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

const (
	superuser, support = "superuser", "support"
	password           = "only-looks"
	startTime          = 2 * time.Minute
)

// accounts makes one that may see activities and nothing else.
const accounts = `
from django.contrib.auth.models import Permission, User
support = User.objects.create_user("` + support + `", password="` + password + `", is_staff=True)
support.user_permissions.add(Permission.objects.get(codename="view_activitylog"))`

// serve starts Django with both accounts and returns where the activities are.
func serve(tb testing.TB, python string, env []string) (list string) {
	tb.Helper()
	addr := testserver.FreeAddr(tb)
	env = append(os.Environ(), append(env, "ADMIN_DB="+filepath.Join(tb.TempDir(), "admin.sqlite3"), "PYTHONDONTWRITEBYTECODE=1",
		"DJANGO_SUPERUSER_PASSWORD="+password)...)
	for _, args := range [][]string{{"migrate", "--verbosity=0"},
		{"createsuperuser", "--noinput", "--username=" + superuser, "--email=root@example.com"}, {"shell", "-c", accounts}} {
		cmd := exec.CommandContext(tb.Context(), python, append([]string{"manage.py"}, args...)...)
		cmd.Env = env
		if output, err := cmd.CombinedOutput(); err != nil {
			tb.Fatalf("%v: %v\n%s", args, err, output)
		}
	}
	cmd := exec.Command(python, "manage.py", "runserver", "--noreload", addr)
	cmd.Env = env
	var log process.Log
	django, err := process.Start(cmd, &log)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		django.Kill()
		if tb.Failed() {
			tb.Logf("the end of Django's log:\n%s", log.Tail(30))
		}
	})
	ctx, cancel := context.WithTimeout(tb.Context(), startTime)
	defer cancel()
	site := "http://" + addr + "/admin/"
	err = django.WaitUntil(ctx, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, site+"login/", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		return res.Body.Close()
	})
	if err != nil {
		tb.Fatal(err)
	}
	return site + "audit/activitylog/"
}

// visitor is somebody who is logged in, without a browser.
type visitor struct {
	tb     testing.TB
	client http.Client
	list   *url.URL
}

func logIn(tb testing.TB, list, user string) *visitor {
	tb.Helper()
	address, err := url.Parse(list)
	if err != nil {
		tb.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	v := &visitor{tb, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, address}
	v.get("/admin/login/")
	if status, text := v.post("/admin/login/", url.Values{"username": {user}, "password": {password}}); status != http.StatusFound {
		tb.Fatalf("log in as %s: %d\n%s", user, status, text)
	}
	return v
}

// get returns the answer to GET of a path, which begins where activities are.
func (v *visitor) get(path string) (status int, text string) {
	v.tb.Helper()
	return v.answer(v.client.Get(v.at(path)))
}

// post sends a form with Django's token against forged requests, so that it is
// not for the lack of it that the form is refused.
func (v *visitor) post(path string, form url.Values) (status int, text string) {
	v.tb.Helper()
	for _, cookie := range v.client.Jar.Cookies(v.list) {
		if cookie.Name == "csrftoken" {
			form.Set("csrfmiddlewaretoken", cookie.Value)
		}
	}
	return v.answer(v.client.PostForm(v.at(path), form))
}

func (v *visitor) at(path string) string {
	reference, err := url.Parse(path)
	if err != nil {
		v.tb.Fatal(err)
	}
	return v.list.ResolveReference(reference).String()
}

func (v *visitor) answer(res *http.Response, err error) (int, string) {
	v.tb.Helper()
	if err != nil {
		v.tb.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.tb.Fatal(err)
	}
	if strings.Contains(string(text), "CSRF verification failed") {
		v.tb.Fatalf("%s is refused for its token", res.Request.URL)
	}
	return res.StatusCode, string(text)
}
