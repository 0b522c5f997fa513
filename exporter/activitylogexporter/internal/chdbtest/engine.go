package chdbtest

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is libchdb.so. Source of the signatures: chdb.h of
// github.com/chdb-io/chdb-core.
type library struct {
	connect  func(argc int32, argv **byte) *uintptr
	query    func(conn uintptr, query *byte, queryLen uintptr, format *byte, formatLen uintptr) uintptr
	destroy  func(result uintptr)
	failure  func(result uintptr) string
	buffer   func(result uintptr) *byte
	length   func(result uintptr) uintptr
	handlers func(enabled int32)
}

func load(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load engine: %w", err)
	}
	l := &library{}
	purego.RegisterLibFunc(&l.connect, handle, "chdb_connect")
	purego.RegisterLibFunc(&l.query, handle, "chdb_query_n")
	purego.RegisterLibFunc(&l.destroy, handle, "chdb_destroy_query_result")
	purego.RegisterLibFunc(&l.failure, handle, "chdb_result_error")
	purego.RegisterLibFunc(&l.buffer, handle, "chdb_result_buffer")
	purego.RegisterLibFunc(&l.length, handle, "chdb_result_length")
	purego.RegisterLibFunc(&l.handlers, handle, "chdb_set_signal_handlers_enabled")
	l.handlers(0) // signals are Go's
	return l, nil
}

// session is a connection to the engine, with its own database, role and
// settings. It runs one statement at a time.
type session struct {
	lib    *library
	handle uintptr

	database, role string
	settings       string   // as they were set, to know them again
	names          []string // of those settings
}

// open opens a session. All sessions of a process have the same arguments.
func (l *library) open(args ...string) (*session, error) {
	argv := make([]*byte, len(args)+1)
	for i, arg := range append([]string{"clickhouse"}, args...) {
		argv[i] = unsafe.SliceData(append([]byte(arg), 0))
	}
	conn := l.connect(int32(len(argv)), unsafe.SliceData(argv))
	runtime.KeepAlive(argv)
	if conn == nil {
		return nil, errors.New("the engine does not open its data")
	}
	return &session{lib: l, handle: *conn, database: "default"}, nil
}

// run runs a statement, with the data of an INSERT after it, and returns its
// result in the format Native. An error is the text of ClickHouse's exception.
func (s *session) run(statement []byte) ([]byte, error) {
	format := []byte("Native")
	result := s.lib.query(s.handle, unsafe.SliceData(statement), uintptr(len(statement)), unsafe.SliceData(format), uintptr(len(format)))
	defer s.lib.destroy(result)
	if text := s.lib.failure(result); text != "" {
		return nil, errors.New(text)
	}
	n := s.lib.length(result)
	if n == 0 {
		return nil, nil
	}
	return append([]byte(nil), unsafe.Slice(s.lib.buffer(result), n)...), nil
}
