package main_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"co2/methods/wire"
)

// A runner runs programs of one language.
type runner struct {
	client string // of PACKAGES.txt, for what it needs
	file   string
	args   []string
}

var runners = map[string]runner{
	"curl":   {"curl", "call.sh", []string{"sh"}},
	"Python": {"python", "call.py", []string{"python3", "-B"}},
	"Perl":   {"perl-rpc-xml", "call.pl", []string{"perl"}},
	"Ruby":   {"ruby", "call.rb", []string{"ruby"}},
	"Node":   {"node", "call.js", []string{"node"}},
	"PHP":    {"php", "call.php", []string{"php"}},
	"Go":     {"kolo", "call.go", []string{"go", "run"}},
}

// nastyTexts are those that mean something to a shell, a language or a parser.
var nastyTexts = []string{
	"", " ", "  a  ", "'", `"`, `\`, `\\`, `a\`, `\'`, `\"`, "`id`", "$(id)", "$HOME", "${HOME}", "#{1+1}", "#@x #$x", "@{[1+1]}", "@file", "%s%d%n%%",
	"{{.}}", "a\nb", "\n", "\t", "'''", `"""`, `\n`, `\x41`, `\u0041`, `\u{41}`, `\U00000041`, `\101`, "!!", "-n", "--", "*", "~", "a;b&c|d>e<f", "]]>", "<!-- -->",
	"</script>", "<b>&amp;", "&#13;", "<?php echo 1 ?>", "?>", "__END__", "=cut", "日本", "é e\u0301", "😀", "\u202eabc", "\u2028\u2029", "\ufeff", "\u0085", "\u00a0", "\u007f", "\u200b", "\U000e0041",
	"__proto__", "constructor", "0", "1", "true", "nil", "None", "1.5", "19980717T14:08:55",
}

// snippetCalls are calls by what is peculiar about them.
func snippetCalls() map[string]string {
	random := rand.New(rand.NewPCG(1, 2))
	texts, names := []string{}, []string{}
	add := func(text string) {
		quoted := jsonText(text)
		texts = append(texts, quoted)
		if text != "" {
			names = append(names, jsonText("m"+text)+":"+strconv.Itoa(len(names)))
		}
	}
	for _, text := range nastyTexts {
		add(text)
	}
	alphabet := []rune("\\\"'`$@#%{}[]()<>&!?|;:=~^*-+ \n\tabxu0179éß日😀\u202e\u2028\u0085")
	for range 200 {
		text := make([]rune, random.IntN(12))
		for i := range text {
			text[i] = alphabet[random.IntN(len(alphabet))]
		}
		texts = append(texts, jsonText(string(text)))
	}
	return map[string]string{
		"texts":           "[" + strings.Join(texts, ",") + "]",
		"names":           "{" + strings.Join(names, ",") + "}",
		"plain":           `{"n":120,"neg":-5,"min":-2147483648,"yes":true,"no":false,"list":[1,[2,[]],{"a":{"b":"c"}}],"empty":[],"__proto__":1,"0":2}`,
		"empty struct":    `[{},{"a":{}}]`,
		"numeric names":   `{"0":"a","1":"b"}`,
		"doubles":         `[1.5,-0.25,0.1,123456.789]`,
		"whole doubles":   `[2.0,0.0,-7.0,100000000000000000000.0,0.00000000001]`,
		"64 bit":          `[{"$i8":"9007199254740993"},{"$i8":"5"},-9223372036854775808]`,
		"dates":           `[{"$dateTime":"20261121T04:05:06"},{"$dateTime":"19980717T14:08:55"},{"$dateTime":"20260329T02:30:00"}]`,
		"base64":          `[{"$base64":"AAECA/8="},{"$base64":""},{"$base64":"` + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 0xff}, 100)) + `"}]`,
		"nil":             `[null,{"a":null}]`,
		"carriage return": `["a\rb","\r\n"]`,
	}
}

func jsonText(text string) string {
	v, err := wire.NewRaw(text)
	if err != nil {
		panic(err) // every string has a spelling
	}
	doc, err := v.MarshalJSON()
	if err != nil {
		panic(err)
	}
	return string(doc)
}

// TestSnippetsRun runs each program that the page of a method shows to copy,
// and compares the call that it makes with what was typed.
func TestSnippetsRun(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--rate", "0")
	for language, run := range runners {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			if why := missing(t, run.client); why != "" {
				t.Skip(why)
			}
			dir := snippetDir(t, run)
			all := snippetCalls()
			for name, json := range all {
				if run.args[0] == "go" && name != "texts" && name != "64 bit" {
					continue // each is compiled, and all are of one form
				}
				want, err := wire.ParseJSON([]byte(json))
				if err != nil {
					t.Fatal(err)
				}
				page := postPage(t, relay, "/methods/web.test", url.Values{"do": {"call"}, "t.p0": {"json"}, "v.p0": {json}})
				runSnippet(t, relay, run, dir, name, copied(t, page, language), "web.test", want)
			}
			page := postPage(t, relay, "/methods/ping", url.Values{"do": {"call"}})
			runSnippet(t, relay, run, dir, "no params", copied(t, page, language), "ping", wire.Raw{})
		})
	}
}

// TestSnippetsPrintContents: a program shows what a date and octets hold, not
// that they are objects.
func TestSnippetsPrintContents(t *testing.T) {
	t.Parallel()
	run := runners["Python"]
	if why := missing(t, run.client); why != "" {
		t.Skip(why)
	}
	relay := startRelay(t)
	const json = `[{"$dateTime":"20261121T04:05:06"},{"$base64":"AAECA/8="}]`
	want, err := wire.ParseJSON([]byte(json))
	if err != nil {
		t.Fatal(err)
	}
	page := postPage(t, relay, "/methods/web.test", url.Values{"do": {"call"}, "t.p0": {"json"}, "v.p0": {json}})
	printed := runSnippet(t, relay, run, t.TempDir(), "contents", copied(t, page, "Python"), "web.test", want)
	for _, want := range []string{"2026, 11, 21, 4, 5, 6", `\x00\x01\x02\x03\xff`} {
		if !strings.Contains(printed, want) {
			t.Errorf("the program prints %q, want %q in it", printed, want)
		}
	}
}

// oddNames are what a satellite may call its methods.
var oddNames = []string{"a b", `it's`, `a"b`, "a#b", "a-b", "%s%d", "a\u202eb", "</title>'\"`<x-evil>", "]]></methodName>", "a\rb", "a\nb", "$HOME @x #{1}", `\x41`, "é", "日本"}

// TestSnippetsOfOddNames runs the programs on the pages of a satellite's methods
// whose names mean something to a parser or a library.
func TestSnippetsOfOddNames(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	satellite := startSatellite(t, relay)
	for language, run := range runners {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			if why := missing(t, run.client); why != "" {
				t.Skip(why)
			}
			dir := snippetDir(t, run)
			for i, name := range oddNames {
				if run.args[0] == "go" && i > 0 {
					break // each is compiled, and all are of one form
				}
				page := postPage(t, relay, "/satellites/"+satellite.hostID+"/methods/"+url.PathEscape(name), url.Values{"do": {"call"}})
				runSnippet(t, satellite, run, dir, strconv.Quote(name), copied(t, page, language), name, wire.Raw{})
			}
		})
	}
}

// snippetDir is where programs are run. Those of Node find their package there.
func snippetDir(t *testing.T, run runner) string {
	t.Helper()
	dir := t.TempDir()
	if run.client == "node" {
		if out, err := exec.Command("../../testdata/npm-install", clients+"node").CombinedOutput(); err != nil {
			t.Fatalf("install the package: %v: %s", err, out)
		}
		modules, err := filepath.Abs(clients + "node/node_modules")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// postPage sends a form to a page of a relay.
func postPage(t *testing.T, s *server, path string, form url.Values) string {
	t.Helper()
	req, err := http.NewRequest("POST", s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.url)
	req.Header.Set("Accept", "text/html")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("POST %s: %s, %v: %s", path, res.Status, err, page)
	}
	return string(page)
}

var snippetOnPage = regexp.MustCompile(`(?s)<pre [^>]*data-language="([^"]*)"[^>]*>(.*?)</pre>`)

// copied is the text that a person copies from a page.
func copied(t *testing.T, page, language string) string {
	t.Helper()
	found := snippetOnPage.FindAllStringSubmatch(page, -1)
	if len(found) != len(runners) {
		t.Fatalf("the page shows %d programs, want %d", len(found), len(runners))
	}
	for _, f := range found {
		if f[1] == language {
			if strings.Contains(f[2], "<") {
				t.Errorf("there is markup in the program: %s", f[2])
			}
			return html.UnescapeString(f[2])
		}
	}
	t.Fatalf("the page shows no program in %s", language)
	return ""
}

func runSnippet(t *testing.T, relay *server, run runner, dir, name, code, method string, want wire.Raw) (printed string) {
	t.Helper()
	var mu sync.Mutex
	var calls [][]byte
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, _ := io.ReadAll(r.Body) // what is cut off is no call
		mu.Lock()
		calls = append(calls, call)
		mu.Unlock()
		res, err := http.Post(relay.url+"/RPC2", r.Header.Get("Content-Type"), bytes.NewReader(call))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		w.Header().Set("Content-Type", "text/xml")
		io.Copy(w, res.Body)
	}))
	defer between.Close()
	if n := strings.Count(code, relay.url+"/RPC2"); n != 1 {
		t.Fatalf("%s: the program names the relay's address %d times, want once:\n%s", name, n, code)
	}
	file := filepath.Join(dir, run.file)
	if err := os.WriteFile(file, []byte(strings.Replace(code, relay.url+"/RPC2", between.URL+"/RPC2", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, run.args[0], append(run.args[1:len(run.args):len(run.args)], file)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		t.Errorf("%s: the program ended with %v and said %.2000q:\n%.3000s", name, err, out, code)
		return string(out)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(calls) != 1 {
		t.Errorf("%s: the program made %d calls, want 1", name, len(calls))
		return string(out)
	}
	if err := strictly(calls[0]); err != nil {
		t.Errorf("%s: a strict parser says %v of %s", name, err, calls[0])
	}
	call, err := wire.ParseCall(calls[0], "", wire.Limits{})
	if err != nil || call.Method != method {
		t.Errorf("%s: the program called %s, %v, want %s", name, calls[0], err, method)
		return string(out)
	}
	if n, err := call.Len(); want.IsZero() && (n != 0 || err != nil) {
		t.Errorf("%s: the program gave %d params, %v, want none", name, n, err)
	}
	if want.IsZero() {
		return string(out)
	}
	var got wire.Raw
	if err := call.Decode(0, &got); err != nil {
		t.Errorf("%s: %v", name, err)
	} else if differ := difference(got, want); differ != "" {
		t.Errorf("%s: %s, in\n%.3000s", name, differ, code)
	}
	return string(out)
}

// strictly reads a document as parsers do that believe the encoding it declares.
func strictly(doc []byte) error {
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if !strings.EqualFold(charset, "us-ascii") {
			return nil, fmt.Errorf("no parser has to know %s", charset)
		}
		if i := bytes.IndexFunc(doc, func(r rune) bool { return r >= 0x80 }); i >= 0 {
			return nil, fmt.Errorf("octet %d is not ASCII", i)
		}
		return in, nil
	}
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// difference tells where two values differ. The order of members does not
// count, nor how a number is written.
func difference(got, want wire.Raw) string {
	if got.Type() != want.Type() {
		return fmt.Sprintf("%.200s came, not %.200s", got, want)
	}
	switch want.Type() {
	case "array":
		a, _ := got.Items()
		b, _ := want.Items()
		if len(a) != len(b) {
			return fmt.Sprintf("%d items came, not %d", len(a), len(b))
		}
		for i := range b {
			if d := difference(a[i], b[i]); d != "" {
				return fmt.Sprintf("[%d]: %s", i, d)
			}
		}
	case "struct":
		a, b := map[string]wire.Raw{}, map[string]wire.Raw{}
		got.Decode(&a)
		want.Decode(&b)
		if len(a) != len(b) {
			return fmt.Sprintf("%d members came, not %d", len(a), len(b))
		}
		for name, v := range b {
			if d := difference(a[name], v); d != "" {
				return fmt.Sprintf("%q: %s", name, d)
			}
		}
	case "double":
		var a, b float64
		got.Decode(&a)
		want.Decode(&b)
		if a != b {
			return fmt.Sprintf("%v came, not %v", a, b)
		}
	default:
		if got.String() != want.String() {
			return fmt.Sprintf("%.200q came, not %.200q", got, want)
		}
	}
	return ""
}
