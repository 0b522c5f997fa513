package builtin

// Version returns what a release prints for "version", "--version" and "-v". It is empty for
// all other arguments, and for a program that is no release: the Collector answers then.
func Version(args []string, release, commit string) string {
	if release == "" || commit == "" || len(args) != 2 {
		return ""
	}
	switch args[1] {
	case "version", "--version", "-v":
		return "otelcol-activitylog version " + release + " (" + commit + ")"
	}
	return ""
}
