// Command kolo drives the client of github.com/kolo/xmlrpc.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/kolo/xmlrpc"
)

func main() {
	if os.Args[1] == "satellite" {
		fmt.Println("na satellite the library has no server")
		return
	}
	client, err := xmlrpc.NewClient(os.Args[2], nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("version kolo/xmlrpc", version())
	for _, c := range values() {
		if reason, is := c.values[0].(na); is {
			fmt.Println("na", c.name, reason)
			continue
		}
		check(c.name, func() error { return echo(client, c.values) })
	}
	check("list", func() error { return lists(client) })
	check("fault", func() error { return wantFault(client.Call("no.such", nil, nil)) })
	check("multicall", func() error { return multicall(client) })
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	at := slices.IndexFunc(info.Deps, func(m *debug.Module) bool { return m.Path == "github.com/kolo/xmlrpc" })
	return info.Deps[at].Version
}

// na is why the library cannot send a value.
type na string

// The structs keep the order of members, which kolo does not for maps.
type (
	pair struct {
		One int    `xmlrpc:"one"`
		Two string `xmlrpc:"two"`
	}
	tree struct {
		List   []any          `xmlrpc:"list"`
		Struct map[string]any `xmlrpc:"struct"`
	}
	entry struct {
		MethodName string `xmlrpc:"methodName"`
		Params     []any  `xmlrpc:"params"`
	}
)

type namedValues struct {
	name   string
	values []any
}

func values() []namedValues {
	octets := make([]byte, 256)
	for i := range octets {
		octets[i] = byte(i)
	}
	return []namedValues{
		{"int", []any{2147483647}},
		{"negative", []any{-2147483648}},
		{"i8", []any{int64(9007199254740991)}}, // goes out as <int>
		{"boolean", []any{true, false}},
		{"string", []any{"hello"}},
		{"markup", []any{`a<b>&"c'`, "]]>"}},
		{"unicode", []any{"é 日本"}},
		{"astral", []any{"😀"}},
		{"empty-string", []any{""}},
		{"spaces", []any{"  a\nb  "}},
		{"double", []any{0.1, -1234.0625}},
		{"datetime", []any{time.Date(1998, 7, 17, 14, 8, 55, 0, time.UTC)}},
		{"base64", []any{xmlrpc.Base64(base64.StdEncoding.EncodeToString(octets))}}, // kolo encodes nothing
		{"array", []any{[]any{int64(1), "two", true}}},
		{"empty-array", []any{[]any{}}},
		{"struct", []any{pair{1, "zwei"}}},
		{"empty-struct", []any{struct{}{}}},
		{"nested", []any{tree{
			List:   []any{map[string]any{"deep": []any{int64(1), []any{int64(2), []any{}}}}, "x"},
			Struct: map[string]any{"inner": map[string]any{"n": int64(-1)}},
		}}},
		{"nil", []any{na("nil is sent as <param></param>")}},
	}
}

func check(name string, run func() error) {
	if err := run(); err != nil {
		fmt.Println("no", name, strings.Join(strings.Fields(err.Error()), " "))
		return
	}
	fmt.Println("ok", name)
}

// echo sends each value and wants it back as the same Go type. An array is
// read into an interface: into a slice kolo reads an empty one as nil.
func echo(client *xmlrpc.Client, values []any) error {
	for _, v := range values {
		as := reflect.TypeOf(v)
		if as.Kind() == reflect.Slice {
			as = reflect.TypeFor[any]()
		}
		got := reflect.New(as)
		if err := client.Call("test", []any{v}, got.Interface()); err != nil {
			return err
		}
		if !reflect.DeepEqual(got.Elem().Interface(), v) {
			return fmt.Errorf("%#v came back as %#v", v, got.Elem())
		}
	}
	return nil
}

func lists(client *xmlrpc.Client) error {
	var names []string
	if err := client.Call("system.listMethods", nil, &names); err != nil {
		return err
	}
	if !slices.Contains(names, "ping") || !slices.Contains(names, "relay.register") {
		return fmt.Errorf("listed are %q", names)
	}
	return nil
}

// wantFault wants fault -32601, whose code kolo tells only in its text.
func wantFault(err error) error {
	if err == nil || !strings.HasPrefix(err.Error(), "Fault(-32601):") {
		return fmt.Errorf("error is %v", err)
	}
	return nil
}

func multicall(client *xmlrpc.Client) error {
	calls := []any{entry{"ping", nil}, entry{"test", []any{"x"}}, entry{"no.such", nil}}
	var results []any
	if err := client.Call("system.multicall", []any{calls}, &results); err != nil {
		return err
	}
	if len(results) != 3 || !reflect.DeepEqual(results[:2], []any{[]any{"OK"}, []any{"x"}}) {
		return fmt.Errorf("results are %v", results)
	}
	if fault, _ := results[2].(map[string]any); fault["faultCode"] != int64(-32601) {
		return fmt.Errorf("no fault, but %v", results[2])
	}
	return nil
}
