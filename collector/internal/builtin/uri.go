package builtin

// URI returns the configuration that is built in, as the Collector's flag --config takes
// it.
func URI() string { return "yaml:" + config }
