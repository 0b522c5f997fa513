// Package visitor makes HTTP requests like one person, with cookies, one user agent, and a
// trace for each request.
package visitor

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"
)

// Visitor is a person who uses the service at Base.
type Visitor struct {
	Base      string // "http://127.0.0.1:8080"
	UserAgent string
	client    *http.Client
}

// Response is the response to a request.
type Response struct {
	Status  int
	Body    string
	Header  http.Header
	TraceID string // 32 hex digits, as the request sent them
}

// New returns a visitor without cookies. Each request has a connection of its
// own, so that one that breaks does not harm the next.
func New(base, userAgent string) *Visitor {
	jar, _ := cookiejar.New(nil) // never fails without options
	transport := &http.Transport{DisableKeepAlives: true}
	return &Visitor{base, userAgent, &http.Client{Jar: jar, Transport: transport, Timeout: 30 * time.Second}}
}

// Do makes a request. body, when not nil, is sent as JSON; header is pairs of
// names and values. A request that fails also has a TraceID.
func (v *Visitor) Do(ctx context.Context, method, path string, body any, header ...string) (Response, error) {
	ids := make([]byte, 24)
	rand.Read(ids) // never fails
	res := Response{TraceID: hex.EncodeToString(ids[:16])}

	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return res, fmt.Errorf("%s %s: %w", method, path, err)
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, v.Base+path, content)
	if err != nil {
		return res, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", v.UserAgent)
	req.Header.Set("Traceparent", "00-"+res.TraceID+"-"+hex.EncodeToString(ids[16:])+"-01")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	err = v.send(req, &res)
	return res, err
}

func (v *Visitor) send(req *http.Request, res *Response) error {
	answer, err := v.client.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("read the answer to %s %s: %w", req.Method, req.URL.Path, err)
	}
	res.Status, res.Body, res.Header = answer.StatusCode, string(text), answer.Header
	return nil
}

// Cookie returns the value of one of the visitor's cookies, "" if it is not set.
func (v *Visitor) Cookie(name string) string {
	base, err := url.Parse(v.Base)
	if err != nil {
		return ""
	}
	for _, cookie := range v.client.Jar.Cookies(base) {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}
