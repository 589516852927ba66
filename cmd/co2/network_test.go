package main_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	kolo "github.com/kolo/xmlrpc"
)

// everyType is a struct with a value of every XML-RPC type, in typed JSON:
// odd texts of numbers and dates, markup, CR, astral characters, nested and
// empty structs and arrays.
const everyType = `{"int":-42,"i8":{"$i8":"9007199254740993"},"small":{"$i8":"7"},"double":-0.1500,"whole":2.0,` +
	`"zero":-0.0,"yes":true,"no":false,"text":" <a href='x'>&amp; ]]> \r\n\t é€😀\" ","blank":"",` +
	`"date":{"$dateTime":"1998-07-17T14:08:55.50Z"},"base64":{"$base64":"AP/+DQo="},"nil":null,` +
	`"array":[1,[2.50,[]],{},null,"<"],"struct":{"":{"<&>":{"deep":[{"$dateTime":"19980717T14:08:55"}]}},"$$odd":1},"empty":{}}`

// everyTypeInPython is the same as Python prints it.
const everyTypeInPython = `{'int': -42, 'i8': 9007199254740993, 'small': 7, 'double': -0.15, 'whole': 2.0, ` +
	`'zero': -0.0, 'yes': True, 'no': False, 'text': ' <a href=\'x\'>&amp; ]]> \r\n\t \xe9\u20ac\U0001f600" ', 'blank': '', ` +
	`'date': DateTime('1998-07-17T14:08:55.50Z'), 'base64': Binary(b'\x00\xff\xfe\r\n'), 'nil': None, ` +
	`'array': [1, [2.5, []], {}, None, '<'], 'struct': {'': {'<&>': {'deep': [DateTime('19980717T14:08:55')]}}, '$odd': 1}, 'empty': {}}`

// fromPython is what send_every_type.py sends, as typed JSON.
const fromPython = `{"int":-42,"double":0.1,"whole":2.0,"yes":true,"no":false,` +
	`"text":" a<b & c>d ]]> é € 😀\t'\" ","empty":"",` +
	`"date":{"$dateTime":"19980717T14:08:55"},"binary":{"$base64":"` + allOctets + `"},"nil":null,` +
	`"array":[1,"two",[3.5,[]],{}],"struct":{"":{},"a b<&>":{"deep":[null]}}}`

const allOctets = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7/P3+/w=="

// A jsonLine is a message as co2 satellite prints it.
type jsonLine struct {
	Sender string          `json:"sender"`
	Data   json.RawMessage `json:"data"`
	Time   time.Time       `json:"time"`
}

// message waits for the next message that a co2 satellite prints.
func (s *server) message(t *testing.T) jsonLine {
	t.Helper()
	line := s.printed("{")
	var m jsonLine
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return m
}

// wantMessage wants the next message of each to be data from sender.
func wantMessage(t *testing.T, sender, data string, from ...*server) {
	t.Helper()
	for _, s := range from {
		if m := s.message(t); string(m.Data) != data || sender != "" && m.Sender != sender {
			t.Errorf("%s got %s from %s, want %s from %s", s.hostID, m.Data, m.Sender, data, sender)
		}
	}
}

// startPython starts satellite.py and waits until it is registered.
func startPython(t *testing.T, r *server, args ...string) *server {
	t.Helper()
	python := needPython(t)
	args = append([]string{clients + "satellite.py", r.url}, args...)
	s := &server{process: startWith(t, cleanEnv(t), python, args...)}
	s.hostID = strings.TrimPrefix(s.printed("registered as"), "registered as ")
	s.url = "http://" + s.hostID
	return s
}

// wantPython wants the next line of satellite.py.
func wantPython(t *testing.T, s *server, sender, data string) {
	t.Helper()
	line, ok := s.out.next("", patience)
	from, got, _ := strings.Cut(line, " ")
	if !ok || got != data || sender != "" && from != sender {
		t.Errorf("python got %s, want %s from %s", line, data, sender)
	}
}

// TestNetwork is one relay with three satellites, one of them the Python
// script. What anybody sends reaches all the others as it was sent, also
// after the relay was killed and started again.
func TestNetwork(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	bob, carol := startSatellite(t, relay, "--nick", "bob"), startSatellite(t, relay, "--nick", "carol")
	dave := startPython(t, relay, "dave", "hello <from> Python")
	wantMessage(t, dave.hostID, `{"text":"hello <from> Python"}`, bob, carol)

	isMinimalSatellite(t, dave)

	run(t, "send", "--relay", relay.url, "--nick", "anna", "--data", everyType).ok(t)
	wantMessage(t, "", everyType, bob, carol)
	wantPython(t, dave, "", everyTypeInPython) // its own message did not come back first

	e := listen(t, nil)
	python := needPython(t)
	runProgram(t, cleanEnv(t), "", python, clients+"send_every_type.py", relay.url, strconv.Itoa(e.port)).ok(t)
	wantMessage(t, fmt.Sprintf("127.0.0.1:%d", e.port), fromPython, bob, carol)
	wantPython(t, dave, "", strings.NewReplacer(
		`{"$dateTime":"19980717T14:08:55"}`, `DateTime('19980717T14:08:55')`).Replace(inPython(t, python)))

	koloSends(t, relay, bob, carol, dave)

	ctimes := registeredAt(t, relay, bob, carol, dave)
	relay.kill()
	relay.restart(t)
	if again := registeredAt(t, relay, bob, carol, dave); again != ctimes {
		t.Errorf("registered at %v, before the relay was killed at %v", again, ctimes)
	}
	run(t, "send", "--relay", relay.url, "still:=true").ok(t)
	wantMessage(t, "", `{"still":true}`, bob, carol)
	wantPython(t, dave, "", "{'still': True}")

	if code := dave.stop(); code != 0 {
		t.Errorf("satellite.py ended with %d", code)
	}
	if code := bob.stop(); code != 0 {
		t.Errorf("co2 satellite ended with %d", code)
	}
	if left := must[[]string](t, relay, "relay.get_satellites"); len(left) != 1 || left[0] != carol.hostID {
		t.Errorf("satellites are %q after two left, want only %s", left, carol.hostID)
	}
}

// isMinimalSatellite asks for what every satellite must have (co2.md 2.4), and
// knocks without the password.
func isMinimalSatellite(t *testing.T, s *server) {
	t.Helper()
	if got := must[string](t, s, "ping"); got != "OK" {
		t.Errorf("ping = %q", got)
	}
	names := must[[]string](t, s, "co2.get_method_names")
	for _, name := range []string{"ping", "notify", "co2.get_method_names", "co2.get_method_help", "co2.get_method_signature", "system.listMethods"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not among %q", name, names)
		}
		must[string](t, s, "co2.get_method_help", name)
		must[structure](t, s, "co2.get_method_signature", name)
	}
	code, says := fault(t, canonical(post(t, s, document("notify", members("host_id", text("x"), "data", number(1))))))
	if code != 1 || !strings.HasPrefix(says, "registry.Co2RegistryError:notify_pass") {
		t.Errorf("notify without the password = fault %d %q", code, says)
	}
}

// canonical takes white space between elements out of an answer of Python's.
func canonical(answer string) string {
	answer = regexp.MustCompile(`>\s+<`).ReplaceAllString(answer, "><")
	return strings.Replace(answer, "<?xml version='1.0'?>", `<?xml version="1.0" encoding="UTF-8"?>`, 1)
}

// inPython is what send_every_type.py sends, as Python prints it.
func inPython(t *testing.T, python string) string {
	t.Helper()
	show := `import ast, re, sys
from xmlrpc.client import Binary, DateTime
Binary.__repr__ = lambda self: f"Binary({self.data!r})"
DateTime.__repr__ = lambda self: f"DateTime({self.value!r})"
source = open(sys.argv[1]).read()
print(ascii(eval(re.search(r"^data = (\{.*?^\})", source, re.S | re.M).group(1))))`
	return strings.TrimSpace(runProgram(t, cleanEnv(t), "", python, "-c", show, clients+"send_every_type.py").ok(t).out)
}

// koloSends sends with kolo's client what that can send.
func koloSends(t *testing.T, relay, bob, carol, dave *server) {
	t.Helper()
	client, e := koloClient(t, relay), listen(t, nil)
	if err := client.Call("relay.register", structure{"port": e.port, "nick": "kolo"}, &e.hostID); err != nil {
		t.Fatal(err)
	}
	data := []any{int64(1) << 40, -1.5, true, " <&> 😀", time.Date(1998, 7, 17, 14, 8, 55, 0, time.UTC),
		kolo.Base64("AP8="), []any{}, structure{"empty": structure{}}}
	var answer string
	if err := client.Call("relay.relay", structure{"host_id": e.hostID, "data": data}, &answer); err != nil || answer != "OK" {
		t.Fatalf("relay.relay = %q, %v", answer, err)
	}
	wantMessage(t, e.hostID, `[{"$i8":"1099511627776"},-1.5,true," <&> 😀",{"$dateTime":"19980717T14:08:55"},{"$base64":"AP8="},[],{"empty":{}}]`, bob, carol)
	wantPython(t, dave, e.hostID, `[1099511627776, -1.5, True, ' <&> \U0001f600', DateTime('19980717T14:08:55'), Binary(b'\x00\xff'), [], {'empty': {}}]`)
	if err := client.Call("relay.deregister", structure{"host_id": e.hostID}, &answer); err != nil {
		t.Fatal(err)
	}
	if len(e.notified) != 0 {
		t.Errorf("the sender got its own message: %s", <-e.notified)
	}
}

// registeredAt tells when each registered, in one text to compare.
func registeredAt(t *testing.T, relay *server, sats ...*server) string {
	t.Helper()
	var at []string
	for _, s := range sats {
		at = append(at, strconv.FormatFloat(must[float64](t, relay, "relay.get_satellite_ctime", structure{"host_id": s.hostID}), 'f', -1, 64))
	}
	return strings.Join(at, " ")
}

// TestTypedJSON sends values of every type through the network: what the
// satellite prints is what was sent.
func TestTypedJSON(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	bob := startSatellite(t, relay)
	for _, data := range []string{
		`null`, `""`, `{}`, `-2147483648`, `-0.0`, `true`, `{"$dateTime":"00010101T00:00:00"}`, `{"$i8":"2147483648"}`,
		`[2147483647,{"$i8":"-9223372036854775808"},0.0,0.10,123456789.000000000100,[[[]]],[{"a":[{"b":[null]}]}]]`,
		`["a\tb\nc\rd\"\\"," ","😀",{"$base64":""},{"$$i8":"7"},{"":{"":""}},{"$dateTime":"19980717T14:08:55,5+02:00"}]`,
	} {
		run(t, "send", "--relay", relay.url, "--data="+data).ok(t)
		wantMessage(t, "", data, bob)
	}
	for sent, printed := range map[string]string{
		`2147483648`:             `{"$i8":"2147483648"}`,
		` [ 1 , 1e3, 1.5E-2 ]`:   `[1,1000.0,0.015]`,
		`"\u00e9\ud83d\ude00\/"`: `"é😀/"`,
		`{"$base64":"AP 8="}`:    `{"$base64":"AP8="}`,
	} {
		run(t, "send", "--relay", relay.url, "--data="+sent).ok(t)
		wantMessage(t, "", printed, bob)
	}
	for _, no := range []string{`"\u0001"`, `"\ud800"`, `1 2`, `NaN`, `01`, `{"a":1,"a":2}`, `{"$i9":"1"}`, `99999999999999999999`, ` `} {
		run(t, "send", "--relay", relay.url, "--data="+no).wants(t, 2, "--data: ", "JSON, octet")
	}
}
