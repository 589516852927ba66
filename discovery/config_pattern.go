package discovery

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// originalUserID is the pattern that the original came with. It means ours:
// with Go's classes it would match less than it did in Python.
const originalUserID = `^([\d\w]+):([\d\w]+)$`

// inUserID reads the pattern of the ids of users' services, which has to match
// the whole id; nil is the default.
func inUserID(into **regexp.Regexp) setting {
	return func(value string) error {
		if value == originalUserID {
			*into = nil
			return nil
		}
		if strings.Contains(value, "\n") {
			return errors.New("is not one line of text")
		}
		if _, err := regexp.Compile(value); err != nil { // alone: ")(" is none, though it closes what is put around it
			return err
		}
		pattern, err := regexp.Compile(`\A(?:` + pythonClasses(value) + `)\z`)
		if err != nil {
			return err
		}
		if pattern.NumSubexp() < 2 {
			return errors.New("has no two groups, for the user and the id")
		}
		*into = pattern
		return nil
	}
}

// pythonClasses returns the pattern with those classes spelled out that Python
// takes from all of Unicode and Go from ASCII.
func pythonClasses(pattern string) string {
	outside := map[byte]string{'w': `[\p{L}\p{N}_]`, 'W': `[^\p{L}\p{N}_]`, 'd': `\p{Nd}`, 'D': `\P{Nd}`}
	inside := map[byte]string{'w': `\p{L}\p{N}_`, 'd': `\p{Nd}`, 'D': `\P{Nd}`} // W cannot be spelled there
	var out strings.Builder
	class := -1 // where the class began that we are in
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			i++
			spelled := outside[pattern[i]]
			if class >= 0 {
				spelled = inside[pattern[i]]
			}
			if spelled == "" {
				spelled = pattern[i-1 : i+1]
			}
			out.WriteString(spelled)
			continue
		case c == '[' && class < 0:
			class = i
		case c == ']' && class >= 0 && !slices.Contains([]string{"", "^"}, pattern[class+1:i]): // a first ] stands for itself
			class = -1
		}
		out.WriteByte(c)
	}
	return out.String()
}
