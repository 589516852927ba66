package discovery_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"co2/discovery"
	"co2/methods"
)

// operate makes a table of the polo.* methods and returns a caller of them.
func operate(t *testing.T, s *discovery.Store) func(method string, params ...any) (any, error) {
	t.Helper()
	polo := discovery.NewPolo(discovery.PoloConfig{}, s, nil)
	var table methods.Table
	if err := table.Register("polo", s.Methods(root, polo)...); err != nil {
		t.Fatal(err)
	}
	return func(method string, params ...any) (any, error) {
		ctx := methods.WithPeer(context.Background(), methods.Caller{Access: methods.Operator})
		return table.Call(ctx, method, methods.Plain(params...))
	}
}

// D11: numbers come back as what holds them as they were written.
func TestMethodsShowParams(t *testing.T) {
	s := discovery.NewStore(discovery.StoreConfig{}, nil)
	call := operate(t, s)
	publish(t, s, root, discovery.Publication{Service: "printer", Root: true, Params: map[string]any{
		"port": json.Number("9100"), "large": json.Number("9007199254740993"), "half": json.Number("0.5"), "none": nil,
		"endless": json.Number("1e999"), "color": true, "name": "x",
	}})
	got, err := call("polo.info", map[string]any{"service": "printer"})
	if err != nil {
		t.Fatal(err)
	}
	params := reflect.ValueOf(got).FieldByName("Params").Interface()
	want := map[string]any{
		"port": int64(9100), "large": int64(9007199254740993), "half": 0.5, "none": nil, "endless": "1e999", "color": true, "name": "x",
	}
	if !reflect.DeepEqual(params, want) {
		t.Errorf("polo.info tells %#v, want %#v", params, want)
	}
}

// Section 4.4 and 4.5: the texts of refusals reach the caller.
func TestMethodsRefuse(t *testing.T) {
	call := operate(t, discovery.NewStore(discovery.StoreConfig{}, nil))
	for _, c := range []struct {
		method string
		params map[string]any
		want   string
	}{
		{"polo.publish", map[string]any{"service": "a:b"}, "has the form of a user's service"},
		{"polo.publish", map[string]any{"service": "a", "params": map[string]any{"x": []any{}}}, `param "x"`},
		{"polo.publish", map[string]any{"service": "a", "groups": []any{"224.1"}}, "Wrong IP format"},
		{"polo.unpublish", map[string]any{"service": "a"}, "Could not find service"},
		{"polo.info", map[string]any{"service": strings.Repeat("x", 1000)}, "is known; polo.list lists them"},
	} {
		_, err := call(c.method, c.params)
		fault, ok := err.(methods.Faulter)
		if !ok {
			t.Errorf("%s(%v) = %v, want a fault", c.method, c.params, err)
			continue
		}
		if code, text := fault.Fault(); code != 1 || !strings.Contains(text, c.want) || len(text) > 512 {
			t.Errorf("%s(%v) = fault %d %q, want 1 with %q", c.method, c.params, code, text, c.want)
		}
	}
}

// Only operators rule over what is offered.
func TestMethodsAreForOperators(t *testing.T) {
	s := discovery.NewStore(discovery.StoreConfig{}, nil)
	for _, m := range s.Methods(root, nil) {
		if m.Access != methods.Operator {
			t.Errorf("%s is for %s, want operators alone", m.Names[0], m.Access)
		}
	}
}
