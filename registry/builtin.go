package registry

import (
	"context"

	"co2/methods"
	"co2/methods/wire"
)

// builtins are the methods every co2 server has (co2.md 2.4).
func (s *Server) builtins() []methods.Method {
	return append(s.introspection(), []methods.Method{{
		Names:  methods.Under("ping", "", "web"),
		Doc:    "Returns 'OK': this server is alive.",
		Access: methods.Public,
		Params: methods.IgnoreOne,
		Func:   s.ping,
	}, {
		Names:  methods.Under("test", "", "web"),
		Doc:    "Returns its argument, or an empty struct without one.",
		Access: methods.Public,
		Params: methods.MayOmit,
		Func:   s.test,
	}, {
		Names:  methods.Under("get_properties", "co2", "sys", "system", "web"),
		Doc:    "Returns the properties of this server and its host.",
		Access: methods.Public,
		Func:   s.properties,
	}, {
		Names:  append(methods.Under("call_method", "", "web"), methods.Under("method_call", "", "web")...),
		Doc:    "Calls the method that method_name names and returns what it returns: with data if that is the only other key, else with the struct without method_name.",
		Access: methods.Public,
		Func:   s.callMethod,
	}, {
		Names:  []string{"system.multicall"},
		Doc:    "Makes the calls of an array of structs {methodName, params}, one after another, and returns an array of their results: a one-element array for a result, a struct {faultCode, faultString} for a fault.",
		Access: methods.Public,
		Func:   s.multicall,
	}, {
		Names:  []string{"system.getCapabilities"},
		Doc:    "Returns the conventions this server follows: a struct of structs {specUrl, specVersion}.",
		Access: methods.Public,
		Func:   s.capabilities,
	}}...)
}

func (s *Server) ping(context.Context) (string, error) { return "OK", nil }

// test gives back what it got, its numbers and dates in canonical form. The
// value is never built: it is read once and copied.
func (s *Server) test(_ context.Context, v wire.Raw) (wire.Canonical, error) {
	if v.IsZero() {
		return wire.Canonical(emptyStruct), nil
	}
	return wire.Canonical(v), nil
}

var emptyStruct, _ = wire.RawStruct(nil)

// A capability is one entry of system.getCapabilities (xmlrpc.md M8).
type capability struct {
	SpecURL     string `xmlrpc:"specUrl"`
	SpecVersion int    `xmlrpc:"specVersion"`
}

func (s *Server) capabilities(context.Context) (map[string]capability, error) {
	return map[string]capability{
		"xmlrpc":           {"http://xmlrpc.com/spec.md", 1},
		"faults_interop":   {"http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php", 20010516},
		"introspection":    {"http://xmlrpc-c.sourceforge.net/introspection.html", 1},
		"system.multicall": {"http://mirrors.talideon.com/articles/multicall.html", 1},
		"nil":              {"http://ontosys.com/xml-rpc/extensions.php", 1},
	}, nil
}

// callMethod is co2's "anonymized" call (co2.md 2.7, 9.3): the rights and the
// peer of a direct call.
func (s *Server) callMethod(ctx context.Context, p wire.Raw) (any, error) {
	members, err := p.Members()
	if err != nil {
		return nil, err
	}
	name, rest, err := splitCall(members)
	if err != nil {
		return nil, err
	}
	if d, err := s.table.Describe(name); err == nil && d.Names[0] == "call_method" {
		return nil, &methods.ParamError{Key: "method_name", Got: name, Want: "another method"}
	}
	arg, err := callArgument(rest)
	if err != nil {
		return nil, err
	}
	return s.dispatch(ctx, name, wire.RawArgs(arg))
}

// splitCall takes method_name out of the members.
func splitCall(members []wire.Member) (name string, rest []wire.Member, err error) {
	found := false
	for _, m := range members {
		if m.Name != "method_name" {
			rest = append(rest, m)
			continue
		}
		found = true
		if m.Value.Type() != "string" {
			return "", nil, &methods.ParamError{Key: m.Name, Got: m.Value.Type(), Want: "string"}
		}
		if err := m.Value.Decode(&name); err != nil {
			return "", nil, err
		}
	}
	if !found {
		err = &methods.ParamError{Key: "method_name", Got: "nothing", Want: "string"}
	}
	return name, rest, err
}

func callArgument(rest []wire.Member) (wire.Raw, error) {
	if len(rest) == 1 && rest[0].Name == "data" {
		return rest[0].Value, nil
	}
	return wire.RawStruct(rest)
}
