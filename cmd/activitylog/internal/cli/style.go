package cli

import "github.com/charmbracelet/x/ansi"

// Styles of text on a terminal. Colours are the terminal's own sixteen, which people
// choose so that they can read them.
var (
	plain  = ansi.NewStyle()
	strong = ansi.NewStyle().Bold()
	faint  = ansi.NewStyle().Faint()
	red    = ansi.NewStyle().ForegroundColor(ansi.Red)
	yellow = ansi.NewStyle().ForegroundColor(ansi.Yellow)
	green  = ansi.NewStyle().ForegroundColor(ansi.Green)
	blue   = ansi.NewStyle().ForegroundColor(ansi.Blue)
)

// styled returns text in a style, if the output has colours.
func (a *app) styled(style ansi.Style, text string) string {
	if len(style) == 0 || text == "" || !a.colours() {
		return text
	}
	return style.Styled(text)
}
