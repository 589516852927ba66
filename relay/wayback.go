package relay

import "fmt"

// WayBackOK is the way back of a satellite that has answered since it
// registered.
const WayBackOK = "ok"

// tried takes up what the end of a call tells of the way back: whether calls
// reach the address the registration came from. It reports whether this is
// the first call since the registration, and failed.
func (s *Satellite) tried(o Outcome) (broken bool) {
	switch {
	case o.Verdict == Delivered:
		s.WayBack = WayBackOK
	case s.WayBack != WayBackOK:
		broken = s.WayBack == "" && !s.restored
		s.WayBack = fmt.Sprintf("%s cannot be reached: %s; the registration came from %s", s.Callback.URL(), o.Reason, s.Seen)
	}
	return broken
}
