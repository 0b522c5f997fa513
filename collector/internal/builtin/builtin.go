// Package builtin has the configuration that the program uses when it is started
// without one.
package builtin

import (
	_ "embed"
	"strings"
)

// config is the repository's collector-config.yaml; collector/generate.sh copies it.
//
//go:embed collector-config.yaml
var config string

// Args returns the arguments of the program with the built-in
// configuration, if they name none. "version" is another word for "--version".
func Args(args []string) []string {
	if len(args) == 2 && args[1] == "version" {
		return []string{args[0], "--version"}
	}
	if len(args) > 1 && !strings.HasPrefix(args[1], "-") && args[1] != "validate" && args[1] != "print-config" {
		return args // a command that needs no configuration
	}
	for _, arg := range args {
		switch name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "="); {
		case !strings.HasPrefix(arg, "-"):
		case name == "config", name == "help", name == "h", name == "version", name == "v":
			return args
		}
	}
	return append(args[:len(args):len(args)], "--config=yaml:"+config)
}
