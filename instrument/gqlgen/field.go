package activitygqlgen

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/procedure"
	"github.com/otelactivity/activitylog/instrument"
)

// partOf returns what a root field of an operation does, as the preset graphql of the
// Collector tells it from a document.
func partOf(kind, field string, arguments map[string]any) instrument.Part {
	p := instrument.Part{Name: kind + " " + field, Request: arguments}
	p.Action, p.Object.Type = procedure.Operation(kind, field)
	id := idOf(arguments["id"])
	if kind != string(ast.Mutation) && id != "" {
		p.Object.Type = procedure.ObjectOfQuery(field)
	}
	if p.Object.Type != "" && !procedure.IsSecret(p.Object.Type) {
		p.Object.ID = id
	}
	return p
}

// maxID bounds the length of an id.
const maxID = 128

// idOf returns the value of an argument that is an id, "" if it is something else: a list, or
// a text with spaces.
func idOf(value any) string {
	id := ""
	switch v := value.(type) {
	case string:
		id = v
	case json.Number:
		id = v.String()
	case int64:
		id = strconv.FormatInt(v, 10)
	case int:
		id = strconv.Itoa(v)
	}
	if len(id) > maxID || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return ""
	}
	return id
}

// errorAt returns the error of a root field in a response, nil if there is none. Errors inside
// the field count only if its resolver was not called, because of its arguments.
func errorAt(list gqlerror.List, alias string, found *resolved) *gqlerror.Error {
	for _, err := range list {
		if len(err.Path) > 0 && err.Path[0] == ast.PathName(alias) && (len(err.Path) == 1 || !found.done) {
			return err
		}
	}
	return nil
}

// fail makes the answer that of a field that has failed. shown is the error in the response,
// nil if there is none.
func fail(a *instrument.Answer, found *resolved, shown *gqlerror.Error) {
	if shown == nil && found.err == nil {
		return
	}
	if shown == nil && !errors.As(found.err, &shown) {
		shown = &gqlerror.Error{Err: found.err}
	}
	switch code := codeOf(shown); {
	case code != "":
		a.ErrorType = activity.RPCStatus(code)
		a.Code = httpCode(a.ErrorType)
	case !found.done && !found.panicked:
		a.Code = http.StatusBadRequest // of the arguments
	default:
		a.Code, a.ErrorType = http.StatusInternalServerError, errorType(found.err, shown)
	}
}

// codeOf returns the code of an error, "" if it has none, or a sentence.
func codeOf(err *gqlerror.Error) string {
	code := ""
	switch v := err.Extensions["code"].(type) {
	case string:
		code = v
	case int:
		code = strconv.Itoa(v)
	}
	if len(code) > 64 || strings.ContainsAny(code, " \t\n") {
		return ""
	}
	return code
}

// httpCodes are codes of errors that GraphQL servers use, besides those of gRPC.
var httpCodes = map[string]int{
	"UNAUTHORIZED": http.StatusUnauthorized, "FORBIDDEN": http.StatusForbidden, "BAD_USER_INPUT": http.StatusBadRequest,
	"BAD_REQUEST": http.StatusBadRequest, "CONFLICT": http.StatusConflict, "TOO_MANY_REQUESTS": http.StatusTooManyRequests,
}

func httpCode(code string) int {
	if c, ok := httpCodes[code]; ok {
		return c
	}
	if n, err := strconv.Atoi(code); err == nil && n >= http.StatusBadRequest && n < 600 {
		return n
	}
	return activity.HTTPFromRPC(code)
}

// errorType returns the type of the error that a resolver returned, or else of the one in the
// response. Those of gqlgen only have a text.
func errorType(err error, shown *gqlerror.Error) string {
	if err == nil {
		err = shown
	}
	var known *gqlerror.Error
	if errors.As(err, &known) {
		if err = known.Err; err == nil {
			return "error"
		}
	}
	return instrument.ErrorType(err)
}
