package main_test

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

// TestEveryMethodHasAForm fills in the form of every method that a relay and a
// satellite list, under each of its names, and compares the call that comes of
// it with the one of a program.
func TestEveryMethodHasAForm(t *testing.T) {
	t.Parallel()
	relay := startRelayWithPolo(t)
	t.Run("relay", func(t *testing.T) { formsDrive(t, relay, listen(t, nil).port) })
	t.Run("satellite", func(t *testing.T) { formsDrive(t, startSatellite(t, relay), 0) })
}

func formsDrive(t *testing.T, s *server, port int) {
	id := ""
	if port != 0 {
		id = must[string](t, s, "relay.register", structure{"port": port, "nick": "form"})
		must[string](t, s, "relay.register", structure{"port": 1})
	}
	calls := koloCalls(id, port)
	for _, name := range deregisterLast(must[[]string](t, s, "sys.listMethods")) {
		operation := name[strings.LastIndex(name, ".")+1:]
		path := "/methods/" + name
		if operation == "notify" {
			if page := postPage(t, s, path, url.Values{"do": {"call"}}); !strings.Contains(page, "no form sends it") || strings.Contains(page, "<form") {
				t.Errorf("%s has a form", name)
			}
			continue
		}
		want := []any{}
		switch params := calls[operation].params.(type) {
		case nil:
		case []any:
			want = params
		default:
			want = []any{params}
		}
		form := url.Values{"do": {"call"}}
		shapes := must[co2Signature](t, s, "sys.methodSignature", name).Params
		for i, p := range want {
			if i < len(shapes) {
				fill(t, form, shapes[i].(structure), "p"+strconv.Itoa(i), p)
			}
		}
		if len(shapes) == 0 {
			want = nil // it takes none, or ignores what comes
		}
		page := postPage(t, s, path, form)
		if !strings.Contains(page, `<p role="status">A result after`) {
			t.Errorf("%s: no result of the form %v:\n%s", name, form, mainOf(page))
			continue
		}
		sameCall(t, name, page, want)
	}
}

// fill types v into the fields of a form.
func fill(t *testing.T, form url.Values, shape structure, path string, v any) {
	t.Helper()
	kind := shape["type"]
	members, _ := shape["members"].([]any)
	given, isStruct := v.(structure)
	switch {
	case kind == "struct" && len(members) > 0 && isStruct:
		for i, m := range members {
			member := m.(structure)
			if value, ok := given[member["name"].(string)]; ok {
				fill(t, form, member, path+"."+strconv.Itoa(i), value)
			}
		}
	case kind == "struct" && isStruct:
		i := 0
		for name, value := range given {
			row := path + "." + strconv.Itoa(i)
			form.Set("k."+row, name)
			fill(t, form, structure{"type": "undef"}, row, value)
			i++
		}
		form.Set("n."+path, strconv.Itoa(i))
	case kind == "array":
		var items []any
		doc, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(doc, &items)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, item := range items {
			inner, ok := shape["item"].(structure)
			if !ok {
				inner = structure{"type": "undef"}
			}
			fill(t, form, inner, path+"."+strconv.Itoa(i), item)
		}
		form.Set("n."+path, strconv.Itoa(len(items)))
	case kind == "undef":
		doc, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		form.Set("t."+path, "json")
		form.Set("v."+path, string(doc))
	default:
		doc, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		text := string(doc)
		if s, ok := v.(string); ok {
			text = s
		}
		form.Set("v."+path, text)
	}
}

var xmlOnPage = regexp.MustCompile(`(?s)<textarea id="xml"[^>]*>\n(.*?)</textarea>`)

// sameCall compares the call that a page shows with one of a program. A
// password is not shown.
func sameCall(t *testing.T, name, page string, want []any) {
	t.Helper()
	shown := xmlOnPage.FindStringSubmatch(page)
	if shown == nil {
		t.Fatalf("%s: the page shows no XML", name)
	}
	call, err := wire.ParseCall([]byte(html.UnescapeString(shown[1])), "", wire.Limits{})
	if err != nil || call.Method != name {
		t.Fatalf("%s: the XML calls %v, %v", name, call, err)
	}
	n, err := call.Len()
	if err != nil || n != len(want) {
		t.Errorf("%s: the form makes a call with %d params, %v, want %d", name, n, err, len(want))
		return
	}
	for i, p := range want {
		if m, ok := p.(structure); ok && m["notify_pass"] != nil {
			less := structure{}
			for k, v := range m {
				if k != "notify_pass" {
					less[k] = v
				}
			}
			p = less
		}
		wanted, err := wire.NewRaw(p)
		if err != nil {
			t.Fatal(err)
		}
		var got wire.Raw
		if err := call.Decode(i, &got); err != nil {
			t.Fatal(err)
		}
		if differ := difference(got, wanted); differ != "" {
			t.Errorf("%s: %s", name, differ)
		}
	}
}

func mainOf(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	return page
}

// TestPagesCallSatellites looks at the methods of a satellite through the
// relay, calls one, and acts on it.
func TestPagesCallSatellites(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	satellite := startSatellite(t, relay)
	path := "/satellites/" + satellite.hostID
	if page := getPage(t, relay, path+"/methods"); !strings.Contains(page, `href="`+path+`/methods/web.test"`) {
		t.Errorf("the list of its methods is\n%s", mainOf(page))
	}
	form := url.Values{"do": {"call"}, "t.p0": {"json"}, "v.p0": {`{"a":"<b>"}`}}
	page := postPage(t, relay, path+"/methods/web.test", form)
	if !strings.Contains(page, "A result after") || !strings.Contains(page, "Returns its argument") || !strings.Contains(page, "http://"+satellite.hostID+"/RPC2") || !strings.Contains(page, `<bdi class="value">&lt;b&gt;</bdi>`) {
		t.Errorf("the call of its web.test shows\n%s", mainOf(page))
	}
	for name, form := range map[string]url.Values{
		"notify":      {"do": {"call"}},
		"call_method": {"do": {"call"}, "t.p0": {"json"}, "v.p0": {`{"method_name":"notify","data":1}`}},
	} {
		if page := postPage(t, relay, path+"/methods/"+name, form); !strings.Contains(page, "no form sends it") || strings.Contains(page, "A result after") {
			t.Errorf("%s was sent:\n%s", name, mainOf(page))
		}
	}
	state := func() string {
		return must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": satellite.hostID})["state"].(string)
	}
	if page := getPage(t, relay, path+"/pause"); !strings.Contains(page, "neither called nor pinged") || state() == "paused" {
		t.Errorf("looking at the page of the pause paused it, or the page is\n%s", mainOf(page))
	}
	if page := postPage(t, relay, path+"/pause", url.Values{"reason": {"<i>tired"}}); !strings.Contains(page, "The satellite is paused.") || !strings.Contains(page, "&lt;i&gt;tired") || state() != "paused" {
		t.Errorf("after the pause it is %s, and the page is\n%s", state(), mainOf(page))
	}
	if page := getPage(t, relay, path+"/methods"); !strings.Contains(page, "is paused") {
		t.Errorf("a paused satellite was asked:\n%s", mainOf(page))
	}
	postPage(t, relay, path+"/resume", nil)
	for deadline := time.Now().Add(patience); state() != "up" && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if page := postPage(t, relay, path+"/ping", nil); state() != "up" || !strings.Contains(page, "is being pinged") {
		t.Errorf("after the pause it is %s", state())
	}
	if page := postPage(t, relay, path+"/remove", nil); !strings.Contains(page, "The satellite was removed.") || must[int](t, relay, "relay.get_num_satellites") != 0 {
		t.Errorf("after the removal:\n%s", mainOf(page))
	}
}

// TestFormsOfOtherSites does nothing for them.
func TestFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	e := listen(t, nil).register(t, relay)
	for name, header := range map[string]http.Header{
		"another site":        {"Origin": {"http://evil.test"}, "Sec-Fetch-Site": {"cross-site"}},
		"a page without name": {"Origin": {"null"}},
		"another port":        {"Origin": {"http://127.0.0.1:1"}, "Sec-Fetch-Site": {"same-site"}},
		"nobody":              {},
	} {
		req, err := http.NewRequest("POST", relay.url+"/satellites/"+e.hostID+"/remove", strings.NewReader("reason=x"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header.Clone()
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if n := must[int](t, relay, "relay.get_num_satellites"); res.StatusCode != 403 || n != 1 {
			t.Errorf("a form of %s: %s, and %d satellites are left", name, res.Status, n)
		}
	}
}

// getPage reads a page.
func getPage(t *testing.T, s *server, path string) string {
	t.Helper()
	req, err := http.NewRequest("GET", s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("GET %s: %s, %v", path, res.Status, err)
	}
	return string(page)
}
