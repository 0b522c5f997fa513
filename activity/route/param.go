package route

import "strings"

var (
	// generic names of parameters do not say what is identified.
	generic = set(`alias any args catchall code guid handle hash id ident identifier iid key name no num number object
		object_id object-id objectid oid param params path pk proxy ref rest sid slug splat uid uuid wildcard all`)

	// viewing names are those of parameters that choose a view of the object.
	viewing = set(`cursor ext extension format lang language limit locale offset order page size sort tab view _format
		_locale`)

	// narrowing names are those of parameters that are no object if another one follows.
	narrowing = set("apiversion api_version api-version date day month rev _rev version year")

	// containers are types of objects that hold those of any other type.
	containers = set("account bucket collection database db namespace org organisation organization owner project table tenant workspace")

	// controls are names of parameters whose values are what others write as literals.
	controls = set(`action contenttype controller entity entityname entitytype kind model modelname resource
		resourcename resourcetype`)
)

// isControl reports whether the values of a parameter are what others write as literals.
func (s *segment) isControl() bool { return s.param && controls[strings.ToLower(squeeze(s.name))] }

func (s *segment) isNarrow() bool { return narrowing[strings.ToLower(s.name)] }

// idEnds end the name of a parameter after the type of object.
var idEnds = [...]string{
	"_id", "-id", "Id", "ID", "_pk", "_uuid", "Uuid", "_slug", "Slug", "_name", "-name", "Name", "_key", "_no", "_number",
}

// objectOf returns the type of object that a parameter of that name identifies: "user"
// of "user_id" and "username", "" if the name does not say it.
func objectOf(name string) string {
	lower := strings.ToLower(name)
	if len(name) < 2 || generic[lower] || isSecret(name) {
		return ""
	}
	for _, or := range [...]string{"IdOr", "NameOr", "_id_or_", "_or_"} { // "issueIdOrKey"
		if i := strings.Index(name, or); i > 1 {
			return Singular(name[:i])
		}
	}
	for _, end := range idEnds {
		if stem, ok := strings.CutSuffix(name, end); ok && len(stem) > 1 {
			return Singular(stem)
		}
	}
	if stem := strings.TrimSuffix(lower, "name"); len(stem) > 1 && !qualities[stem] {
		return Singular(name[:len(stem)]) // "username"
	}
	return Singular(name)
}

// qualities are what stands before "name" in words that are not the name of an object.
var qualities = set("nick sur code path")
