package cli

import (
	"io"
	"os"

	"golang.org/x/term"
)

// terminal reports whether the output is a terminal.
func (a *app) terminal() bool { return isTerminal(a.out) }

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// width is how many columns the terminal has, or 0 if the output is none.
func (a *app) width() int {
	file, ok := a.out.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// colours reports whether to use colours: on a terminal, unless NO_COLOR is set.
func (a *app) colours() bool {
	return a.terminal() && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb"
}
