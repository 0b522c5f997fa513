package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// problem is an error as RFC 9457 has it.
type problem struct {
	Type   string  `json:"type"` // a URN, or "about:blank" if the status says it all
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail"`
	Errors []fault `json:"errors,omitempty"`
}

// fault is what is wrong with one parameter.
type fault struct {
	Parameter string `json:"parameter"`
	Detail    string `json:"detail"`
}

const badParameterType = "urn:activitylog:problem:bad-parameter"

// badParameters returns the problem of a request with parameters that are wrong.
func badParameters(faults []fault) *problem {
	texts := make([]string, len(faults))
	for i, f := range faults {
		texts[i] = f.Parameter + ": " + f.Detail
	}
	return &problem{Type: badParameterType, Title: "A parameter is wrong", Status: http.StatusBadRequest,
		Detail: strings.Join(texts, "; "), Errors: faults}
}

// Error implements error.
func (p *problem) Error() string { return p.Detail }

func (p *problem) complete() {
	if p.Type == "" {
		p.Type = "about:blank"
	}
	if p.Title == "" {
		p.Title = http.StatusText(p.Status)
	}
}

func (p *problem) write(w http.ResponseWriter, r *http.Request) {
	p.complete()
	body, err := json.Marshal(p)
	if err != nil { // of strings and a number: never
		panic(err)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}
