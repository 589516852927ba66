//go:build race

package wire_test

// underRace tells that pools forget at random, to find races.
const underRace = true
