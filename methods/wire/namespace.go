package wire

// extensions is the namespace of Apache's extension types (V-EX-1).
const extensions = "http://ws.apache.org/xmlrpc/namespaces/extensions"

// A space says which namespace an element is in, as far as it matters here.
type space uint8

const (
	noSpace  space = iota
	extSpace       // extensions
	foreign        // any other one, or an undeclared prefix
)

// spaces are the prefixes in scope. Only prefixes are kept: a default
// namespace cannot reach past its own element, as no element with children
// may be in one (X13). Look-ups take constant time however many prefixes a
// document declares (L-A).
type spaces struct {
	bound map[string]space
	undo  []binding // what to put back, innermost last
}

// A binding is what a prefix meant before; noSpace if nothing.
type binding struct {
	prefix string
	was    space
}

// mark is what drop needs to end all bindings made from now on.
func (s *spaces) mark() int { return len(s.undo) }

func (s *spaces) drop(mark int) {
	for len(s.undo) > mark {
		last := s.undo[len(s.undo)-1]
		s.undo = s.undo[:len(s.undo)-1]
		if last.was == noSpace {
			delete(s.bound, last.prefix) // what is out of scope costs nothing from then on
		} else {
			s.bound[last.prefix] = last.was
		}
	}
}

func (s *spaces) bind(prefix, uri string) {
	if s.bound == nil {
		s.bound = map[string]space{}
	}
	s.undo = append(s.undo, binding{prefix, s.bound[prefix]})
	s.bound[prefix] = spaceOf(uri)
}

func (s *spaces) lookup(prefix string) space {
	if sp := s.bound[prefix]; sp != noSpace {
		return sp
	}
	if prefix == "ex" {
		return extSpace // undeclared, but everybody knows what is meant
	}
	return foreign
}

func spaceOf(uri string) space {
	if uri == extensions {
		return extSpace
	}
	return foreign
}
