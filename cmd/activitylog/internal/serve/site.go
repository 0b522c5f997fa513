package serve

import "net/http"

// checkSite rejects what a page of another site asks for by itself, as for an image. It
// cannot read the answer, but it could measure how long a query takes, and with --record
// whoever has that page open would have looked at what it asked for. A link that somebody
// follows is answered. Browsers say which it is in Sec-Fetch-*, others send none of them.
func checkSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Sec-Fetch-Site") {
		case "cross-site", "same-site":
			if r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" {
				deny(w, http.StatusForbidden, "This server does not answer pages of other sites.")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
