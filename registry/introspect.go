package registry

import (
	"context"
	"fmt"
	"strings"

	"co2/methods"
)

// introspection are the methods that tell of methods. They all read the table
// that calls go through, so what they say is what runs.
func (s *Server) introspection() []methods.Method {
	return []methods.Method{{
		Names:    append(methods.Under("listMethods", "sys", "system"), methods.Under("get_method_names", "co2", "web")...),
		Unlisted: []string{"co2.co2_get_method_names"}, // a misprint of co2's own pages
		Doc:      "Returns the names of all methods, sorted.",
		Access:   methods.Public,
		Params:   methods.IgnoreAll,
		Func:     s.methodNames,
	}, {
		Names:  append(methods.Under("methodHelp", "sys", "system"), methods.Under("get_method_help", "co2", "web")...),
		Doc:    "Returns what a method does, and the keys it takes.",
		Access: methods.Public,
		Func:   s.methodHelp,
	}, {
		Names:  []string{"sys.methodSignature", "co2.get_method_signature", "web.get_method_signature"},
		Doc:    "Returns the signature of a method as co2 tells it: args, args_d (defaults), args_v and args_kw (always empty), and with types and words params and result. system.methodSignature returns the general form, an array of type lists.",
		Access: methods.Public,
		Func:   s.signature,
	}, {
		Names:  []string{"system.methodSignature"},
		Doc:    "Returns the signatures of a method in the general form: an array of type lists, the result's type first. sys.methodSignature, co2.get_method_signature and web.get_method_signature return co2's struct.",
		Access: methods.Public,
		Func:   s.generalSignature,
	}}
}

// methodName is the argument of help and signature: a string, or a struct
// with method_name (co2.md 9.3).
type methodName string

// XMLRPCType implements methods.Typer.
func (methodName) XMLRPCType() string { return "string" }

// SetXMLRPC implements methods.Setter.
func (n *methodName) SetXMLRPC(plain any) error {
	if members, ok := plain.(map[string]any); ok {
		name, given := members["method_name"]
		if !given {
			return &methods.ParamError{Key: "method_name", Got: "nothing", Want: "string"}
		}
		return setName(n, name, "method_name")
	}
	return setName(n, plain, "")
}

func setName(n *methodName, plain any, key string) error {
	text, ok := plain.(string)
	if !ok {
		return &methods.ParamError{Key: key, Got: methods.GotType(plain), Want: "string, the name of a method"}
	}
	*n = methodName(text)
	return nil
}

func (s *Server) methodNames(context.Context) ([]string, error) { return s.table.Names(), nil }

func (s *Server) methodHelp(_ context.Context, name methodName) (string, error) {
	d, err := s.table.Describe(string(name))
	if err != nil {
		return "", err
	}
	return Help(d), nil
}

// Help is the text of a method's help: its words, and a line for each key.
func Help(d methods.Description) string {
	var b strings.Builder
	b.WriteString(d.Doc)
	if d.Param != nil && len(d.Param.Members) > 0 {
		b.WriteString("\n\n" + memberWord(d) + ":")
		for _, m := range d.Param.Members {
			optional := ""
			if m.Optional {
				optional = ", optional"
			}
			fmt.Fprintf(&b, "\n  %s (%s%s): %s", m.Name, m.Type, optional, m.Doc)
		}
	}
	if d.Access > methods.Satellite {
		fmt.Fprintf(&b, "\n\nFor %s access only.", d.Access)
	}
	return b.String()
}

// memberWord says what the members of a method's param are.
func memberWord(d methods.Description) string {
	if d.Positional {
		return "Params, in this order"
	}
	return "Keys"
}

func (s *Server) generalSignature(_ context.Context, name methodName) ([][]string, error) {
	d, err := s.table.Describe(string(name))
	if err != nil {
		return nil, err
	}
	return d.Signatures(), nil
}

// signature is co2's signature struct (co2.md 2.6.3) with params and result
// added. Both nest: see shape.
type signature struct {
	Args   []string       `xmlrpc:"args" doc:"names of the arguments"`
	ArgsD  map[string]any `xmlrpc:"args_d" doc:"defaults by argument name"`
	ArgsV  []any          `xmlrpc:"args_v" doc:"always empty"`
	ArgsKW []any          `xmlrpc:"args_kw" doc:"always empty"`
	Params []any          `xmlrpc:"params" doc:"the arguments: structs of name, type, optional and doc, with members or item where they nest"`
	Result map[string]any `xmlrpc:"result" doc:"the result, likewise"`
}

func (s *Server) signature(_ context.Context, name methodName) (signature, error) {
	d, err := s.table.Describe(string(name))
	if err != nil {
		return signature{}, err
	}
	sig := signature{Args: d.ArgNames(), ArgsD: map[string]any{}, Result: shape(d.Result)}
	if d.MayOmit {
		sig.ArgsD[sig.Args[0]] = map[string]any{}
	}
	for _, arg := range d.Args() {
		sig.Params = append(sig.Params, shape(arg))
	}
	return sig, nil
}

// shape turns a methods.Shape into plain values.
func shape(s methods.Shape) map[string]any {
	m := map[string]any{"type": s.Type, "doc": s.Doc, "name": s.Name, "optional": s.Optional}
	if len(s.Members) > 0 {
		members := make([]any, len(s.Members))
		for i, member := range s.Members {
			members[i] = shape(member)
		}
		m["members"] = members
	}
	if s.Item != nil {
		m["item"] = shape(*s.Item)
	}
	return m
}
