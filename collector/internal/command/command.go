// Package command finds the commands of this program that are not the Collector's own.
package command

// Args returns the arguments of a command, if args, those of the program, begin with its name.
// "help explain" is "explain --help".
func Args(args []string, name string) (rest []string, ok bool) {
	switch {
	case len(args) > 0 && args[0] == name:
		return args[1:], true
	case len(args) == 2 && args[0] == "help" && args[1] == name:
		return []string{"--help"}, true
	}
	return nil, false
}
