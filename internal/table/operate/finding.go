package operate

// Level is how bad a [Finding] is.
type Level string

// Levels.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// Finding is what a check has found.
type Finding struct {
	Level Level  `json:"level"`
	About string `json:"about"` // "schema", "clock"
	Text  string `json:"text"`
	Todo  string `json:"todo,omitempty"` // what to do
}

// Worst returns the worst level of findings.
func Worst(all []Finding) Level {
	worst := OK
	for _, f := range all {
		if f.Level == Fail || f.Level == Warn && worst == OK {
			worst = f.Level
		}
	}
	return worst
}
