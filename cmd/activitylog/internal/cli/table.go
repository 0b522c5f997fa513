package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
)

// table prints lines in columns. On a terminal it cuts what does not fit, and elsewhere
// nothing. Columns become wider as needed, so that lines can be printed as they come.
type table struct {
	a      *app
	out    io.Writer
	titles []string
	right  []bool // columns of numbers; may be shorter
	keep   []bool // columns that are of no use if they are cut
	widths []int
	began  bool
}

// cell is a text of a table, which the table makes safe for a terminal.
type cell struct {
	text  string
	style ansi.Style
}

// gap is between two columns.
const gap = "  "

// minWidth is what is left of a column when the terminal is narrow.
const minWidth = 8

func (a *app) newTable(out io.Writer, titles ...string) *table {
	t := &table{a: a, out: out}
	for _, title := range titles {
		t.add(title, false)
	}
	return t
}

// add adds a column, which is to be kept or may be cut.
func (t *table) add(title string, keep bool) {
	t.titles = append(t.titles, title)
	t.widths = append(t.widths, ansi.StringWidth(title))
	t.keep = append(t.keep, keep)
}

// print prints lines, after the titles if they are the first.
func (t *table) print(lines ...[]cell) error {
	for _, line := range lines {
		for i := range line {
			line[i].text = escape.Line(line[i].text)
			t.widths[i] = max(t.widths[i], ansi.StringWidth(line[i].text))
		}
	}
	widths := t.fit(t.a.width())
	if !t.began {
		t.began = true
		head := make([]cell, len(t.titles))
		for i, title := range t.titles {
			head[i] = cell{title, strong}
		}
		lines = append([][]cell{head}, lines...)
	}
	for _, line := range lines {
		if _, err := io.WriteString(t.out, t.line(line, widths)); err != nil {
			return err
		}
	}
	return nil
}

// fit returns the widths of columns for a terminal; 0 is none. The widest are made
// narrower, but not those to keep.
func (t *table) fit(terminal int) []int {
	widths := slices.Clone(t.widths)
	over := (len(widths)-1)*len(gap) - terminal
	for _, width := range widths {
		over += width
	}
	for ; terminal > 0 && over > 0; over-- {
		i := t.widest(widths)
		if i < 0 || widths[i] <= minWidth {
			break // the terminal breaks the lines
		}
		widths[i]--
	}
	return widths
}

// widest returns the widest column that is not to be kept, or -1.
func (t *table) widest(widths []int) int {
	index := -1
	for i, width := range widths {
		if !t.keep[i] && (index < 0 || width >= widths[index]) {
			index = i
		}
	}
	return index
}

func (t *table) line(cells []cell, widths []int) string {
	var b strings.Builder
	for i, c := range cells {
		text := c.text
		if t.a.width() > 0 {
			text = ansi.Truncate(text, widths[i], "…")
		}
		pad := strings.Repeat(" ", max(0, widths[i]-ansi.StringWidth(text)))
		text = t.a.styled(c.style, text)
		switch {
		case i < len(t.right) && t.right[i]:
			b.WriteString(pad + text)
		case i == len(cells)-1:
			b.WriteString(text)
		default:
			b.WriteString(text + pad)
		}
		if i < len(cells)-1 {
			b.WriteString(gap)
		}
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}
