package media

import "testing"

func TestNegotiate(t *testing.T) {
	const mediaJSON, mediaCSV = "application/json", "text/csv"
	for accept, want := range map[string]string{
		"":                                      "", // there is a header, and it is empty
		"*/*":                                   mediaJSON,
		"text/csv":                              mediaCSV,
		"TEXT/CSV":                              mediaCSV,
		"text/*":                                mediaCSV,
		"text/html,*/*":                         mediaJSON,
		"text/csv, */*":                         mediaCSV,
		"text/*, */*":                           mediaCSV,
		"*/*;q=0":                               "",
		"text/csv;q=0, text/*":                  "",
		"text/csv;q=NaN":                        "",
		"text/csv;q=-1":                         "",
		"text/html":                             "",
		"application/json;q=0.5, text/csv":      mediaCSV,
		"application/json;q=0, */*":             mediaCSV,
		"text/csv;q=0.9,application/json;q=0.9": mediaJSON,
		"text/csv;header=present":               mediaCSV,
		"application/json;q=x":                  "",
		"text/*;q=0.1, text/csv;q=0.9, */*;q=0.5":   mediaCSV,
		"application/problem+json, application/xml": "",
	} {
		if got := Negotiate([]string{accept}, mediaJSON, mediaCSV); got != want {
			t.Errorf("%q: got %q, want %q", accept, got, want)
		}
	}
	if got := Negotiate(nil, mediaJSON, mediaCSV); got != mediaJSON {
		t.Errorf("without Accept: got %q", got)
	}
}
