package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// Exit codes. They are documented in docs/audit/command.md, and stay.
const (
	exitOK          = 0
	exitFailed      = 1   // something went wrong while the command ran
	exitUsage       = 2   // flags, arguments or the configuration are wrong
	exitNotFound    = 3   // there is no such activity
	exitDatabase    = 4   // the database cannot be opened, or its table is missing or too old
	exitInterrupted = 130 // Ctrl-C, or SIGTERM
)

// errInterrupted is the error of a command that was interrupted.
var errInterrupted = errors.New("interrupted")

// codeError is an error with an exit code.
type codeError struct {
	code int
	err  error
}

// Error implements [error].
func (e *codeError) Error() string { return e.err.Error() }

// Unwrap lets [errors.Is] find the cause.
func (e *codeError) Unwrap() error { return e.err }

// withCode gives an error an exit code, unless it has one.
func withCode(code int, err error) error {
	if has := new(codeError); err == nil || errors.As(err, &has) {
		return err
	}
	return &codeError{code: code, err: err}
}

// usage is an error of flags, arguments or the configuration.
func usage(err error) error { return withCode(exitUsage, err) }

// usagef is [usage] with a text.
func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// report prints an error, and returns its exit code.
func (a *app) report(err error) int {
	if err == nil {
		return exitOK
	}
	code := exitFailed
	if has := new(codeError); errors.As(err, &has) {
		code = has.code
	}
	_, _ = fmt.Fprintln(a.err, "activitylog: "+a.clean(escape.Block(err.Error())))
	if code == exitUsage && !a.began {
		_, _ = fmt.Fprintln(a.err, `"activitylog --help" lists the commands, and "activitylog help COMMAND" the flags of one.`)
	}
	return code
}

// passwordLike is a password in an argument that is nearly a data source name, with a
// mistake that makes it none: user:password@tcp(, ://user:password@, password=.
var passwordLike = regexp.MustCompile(`(?i):([^\s@/:]+)@(?:tcp|unix)\b|//[^\s/@:]*:([^\s@]+)@|pass[a-z]*=([^\s&]+)`)

// clean returns text without the data source name, whether it was given as one or is
// among the arguments by mistake. The name of a file of SQLite stays.
func (a *app) clean(text string) string {
	var secrets []string
	for _, dsn := range []string{a.flags.dsn, a.source.dsn} {
		if !sqldsn.IsFile(a.source.driver, dsn) {
			secrets = append(secrets, dsn)
		}
	}
	for _, arg := range a.args {
		_, value, _ := strings.Cut(arg, "=")
		for _, dsn := range []string{value, arg} {
			if sqldsn.Kind(dsn) != "" && !sqldsn.IsFile("", dsn) {
				secrets = append(secrets, dsn)
			}
		}
	}
	for _, arg := range a.args {
		for _, found := range passwordLike.FindAllStringSubmatch(arg, -1) {
			secrets = append(secrets, strings.Join(found[1:], "")) // one of them is not empty
		}
	}
	for _, secret := range secrets {
		if len(secret) > 2 {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}
