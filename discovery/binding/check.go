package binding

import "unicode/utf8"

// checkService returns why no service can have the id, or nil.
func checkService(id string) error {
	if id == "" {
		return refuse(badService(id, "Must be larger than 1"))
	}
	return nil
}

// longestShown is how much of a peer's text is repeated to it or logged, in
// characters.
const longestShown = 60

// shown returns text, shortened if it is long.
func shown(text string) string {
	if utf8.RuneCountInString(text) <= longestShown {
		return text
	}
	return string([]rune(text)[:longestShown]) + "…"
}
