// Package operate holds what operators are told of a relay, for programs that
// tell it too.
package operate

import _ "embed"

// Events is events.md: a table of each kind of event, with the columns code,
// level, what happened and what to do.
//
//go:embed events.md
var Events string
