package adaptertest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// PlayHTTP plays the story against a service at that URL, and checks the answers.
func PlayHTTP(t *testing.T, service string) {
	t.Helper()
	play(t, func(step *Step, token string) (code int, body string) {
		route := Routes[step.Do]
		r, err := http.NewRequestWithContext(context.Background(), route.Method, service+strings.ReplaceAll(route.Path, "{id}", step.Article),
			strings.NewReader(url.Values{"title": {step.Title}, "name": {step.Name}, "password": {step.Password}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("User-Agent", "story/1")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	})
}

// Call does one step of the story with the token of a session, and returns the token of a new
// one and the response code that means the same as its outcome.
type Call func(step *Step, token string) (code int, newToken string)

// PlayCalls plays the story by remote procedure calls.
func PlayCalls(t *testing.T, call Call) {
	t.Helper()
	play(t, func(step *Step, token string) (int, string) {
		code, token := call(step, token)
		if step.Do != Login {
			return code, ""
		}
		body, err := json.Marshal(map[string]string{"token": token})
		if err != nil {
			t.Fatal(err)
		}
		return code, string(body)
	})
}

func play(t *testing.T, do func(step *Step, token string) (code int, body string)) {
	t.Helper()
	tokens := map[string]string{}
	for i := range Story {
		step := &Story[i]
		code, body := do(step, tokens[step.Who])
		if want := wantCodes[i]; code/100 != want/100 || code >= 400 && code != want {
			t.Errorf("step %d: answered %d, want %d: %s", i+1, code, want, body)
		}
		if step.Do == Login && code == http.StatusOK {
			var answer struct{ Token string }
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatalf("step %d: %v: %s", i+1, err, body)
			}
			tokens[step.Name] = answer.Token
		}
	}
}

// wantCodes are the answers to the steps of the story.
var wantCodes = [...]int{401, 200, 200, 200, 201, 200, 200, 200, 201, 403, 404, 400, 401, 200, 500, 200, 200, 401}
