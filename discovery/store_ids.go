package discovery

import (
	"log/slog"
	"regexp"
	"strings"
)

// userIDs tells the ids of user services from others.
type userIDs struct {
	whole     *regexp.Regexp
	byDefault bool
}

// newUserIDs uses the default form for nil and for a pattern that has no two
// sub-matches.
func newUserIDs(form *regexp.Regexp, log *slog.Logger) userIDs {
	if form != nil && form.NumSubexp() < 2 {
		log.Warn("the pattern of user services has no two groups, for the user and the id; the default is used", "code", "POLO-PATTERN",
			"pattern", form.String())
		form = nil
	}
	if form == nil {
		return userIDs{whole: userService, byDefault: true}
	}
	return userIDs{whole: regexp.MustCompile(`\A(?:` + form.String() + `)\z`)}
}

func (u userIDs) match(id string) bool {
	if u.byDefault && strings.IndexByte(id, ':') < 0 {
		return false // the common case, at no cost
	}
	return u.whole.MatchString(id)
}

// split returns the user and the id that a Polo looks up for a full id.
func (u userIDs) split(full string) (user, id string, ok bool) {
	parts := u.whole.FindStringSubmatch(full)
	if parts == nil {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// finds reports whether a Polo asked for user:id looks up just these.
func (u userIDs) finds(user, id string) bool {
	foundUser, foundID, ok := u.split(user + ":" + id)
	return ok && foundUser == user && foundID == id
}
