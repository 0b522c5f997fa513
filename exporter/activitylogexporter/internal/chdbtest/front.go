package chdbtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// front is ClickHouse's HTTP interface: a statement in the parameter query or in
// the body, the data after it, settings as parameters.
type front struct {
	sessions chan *session // those that are idle
	readers  chan *session // the same, for requests with the setting readonly, which no session gets rid of
}

// notSettings are the parameters that are something else.
var notSettings = []string{"query", "database", "default_format", "client_protocol_version", "query_id", "quota_key"}

// exceptionCode is how the text of an exception begins.
var exceptionCode = regexp.MustCompile(`^Code: (\d+)\.`)

// ServeHTTP implements [http.Handler].
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client was cut off: what it sent is not whole
	}
	params := r.URL.Query()
	statement := string(body)
	if query := params.Get("query"); query != "" {
		var remove func()
		if statement, remove, err = insert(query, body); err != nil {
			refuse(w, err)
			return
		}
		defer remove()
	}
	role, _, _ := r.BasicAuth()
	idle := f.sessions
	if params.Has("readonly") {
		idle = f.readers
	}
	s := <-idle
	defer func() { idle <- s }()
	if err := s.prepare(params, role); err != nil {
		refuse(w, err)
		return
	}
	if statement == hello {
		err = s.greet(w)
	} else {
		var result []byte
		if result, err = s.run([]byte(statement)); err == nil {
			_, _ = w.Write(result)
		}
	}
	if err != nil {
		refuse(w, err)
	}
}

// insert returns the statement for an INSERT whose data came in the body, by way
// of a file: within a statement, the engine looks for the end of the data, and
// finds it wherever a byte is a semicolon.
func insert(query string, body []byte) (statement string, remove func(), err error) {
	into, ok := strings.CutSuffix(query, " FORMAT Native")
	if !ok {
		return "", nil, fmt.Errorf("this front takes data in the format Native alone, not %q", query)
	}
	file, err := os.CreateTemp("", "chdbtest")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.Remove(file.Name()) }
	_, err = file.Write(body)
	if err := errors.Join(err, file.Close()); err != nil {
		remove()
		return "", nil, err
	}
	return into + " FROM INFILE '" + file.Name() + "' COMPRESSION 'none' FORMAT Native", remove, nil
}

// refuse answers with an exception as ClickHouse does.
func refuse(w http.ResponseWriter, err error) {
	if code := exceptionCode.FindStringSubmatch(err.Error()); code != nil {
		w.Header().Set("X-ClickHouse-Exception-Code", code[1])
	}
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, err.Error())
}

// prepare gives the session what a request has for its own: database, role and
// settings.
func (s *session) prepare(params url.Values, role string) error {
	database := "default"
	if params.Has("database") {
		database = params.Get("database")
	}
	if role == "default" {
		role = ""
	}
	var settings, names []string
	for name := range params {
		if !slices.Contains(notSettings, name) {
			names = append(names, name)
			settings = append(settings, name+" = '"+strings.ReplaceAll(params.Get(name), "'", `\'`)+"'")
		}
	}
	slices.Sort(settings)
	joined := strings.Join(settings, ", ")
	var todo []string
	if s.role != role {
		todo = append(todo, "SET ROLE DEFAULT")
	}
	if s.database != database {
		todo = append(todo, "USE "+database)
	}
	if s.settings != joined {
		for _, name := range s.names {
			if name == "readonly" {
				continue // it is for good
			}
			todo = append(todo, "SET "+name+" = DEFAULT")
		}
		if joined != "" {
			todo = append(todo, "SET "+joined)
		}
	}
	if s.role != role && role != "" {
		todo = append(todo, "SET ROLE "+role)
	}
	for _, statement := range todo {
		if _, err := s.run([]byte(statement)); err != nil {
			s.settings = "unknown"
			return err
		}
	}
	s.role, s.database, s.settings, s.names = role, database, joined, names
	return nil
}

// hello is what the driver asks first. It reads the answer in the newest revision
// of the format that it knows, and everything else in the one that this answer names.
const hello = "SELECT displayName(), version(), revision(), timezone()"

// greet answers with revision 0, in which the engine writes.
func (s *session) greet(w io.Writer) error {
	answer, err := s.run([]byte("SELECT displayName(), version(), toUInt32(0) AS `revision()`, timezone()"))
	if err != nil {
		return err
	}
	block := proto.NewBlock()
	if err := block.Decode(chproto.NewReader(bytes.NewReader(answer)), 0); err != nil {
		return err
	}
	var buffer chproto.Buffer
	if err := block.Encode(&buffer, clickhouse.ClientTCPProtocolVersion); err != nil {
		return err
	}
	_, err = w.Write(buffer.Buf)
	return err
}
