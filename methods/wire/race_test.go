//go:build race

package wire_test

// underRace tells that pools forget at random and that time is no measure.
const underRace = true
