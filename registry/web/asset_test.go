package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"co2/registry/web"
)

// assetPaths are what a page of a relay loads, and the modules these import.
func assetPaths(t *testing.T, h http.Handler) []string {
	t.Helper()
	page := get(h, "GET", "/").Body.String()
	paths := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1)
	var list []string
	for _, m := range paths {
		list = append(list, m[1])
	}
	for i := 0; i < len(list); i++ {
		if path.Ext(list[i]) != ".js" {
			continue
		}
		for _, m := range regexp.MustCompile(`(?m)^import .* from '\./([^']+)'`).FindAllStringSubmatch(get(h, "GET", list[i]).Body.String(), -1) {
			if at := path.Dir(list[i]) + "/" + m[1]; !strings.Contains(strings.Join(list, " "), at) {
				list = append(list, at)
			}
		}
	}
	return list
}

// What pages load is kept by browsers for ever, has a strong tag for each form
// it is sent in, and comes packed to those that take that.
func TestAssets(t *testing.T) {
	h := web.Handler(relaySite(3))
	paths := assetPaths(t, h)
	if len(paths) < 8 {
		t.Errorf("the overview loads %v, want its styles, icon, scripts and uPlot", paths)
	}
	ask := func(at string, fields ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", at, nil)
		for i := 0; i < len(fields); i += 2 {
			r.Header.Set(fields[i], fields[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	kinds := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
	for _, at := range paths {
		plain, packed := ask(at), ask(at, "Accept-Encoding", "br, gzip")
		for _, w := range []*httptest.ResponseRecorder{plain, packed} {
			if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("Content-Type") != kinds[path.Ext(at)] || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("GET %s: %d %v", at, w.Code, w.Header())
			}
			if length := w.Header().Get("Content-Length"); length != fmt.Sprint(w.Body.Len()) {
				t.Errorf("GET %s: length %s of %d", at, length, w.Body.Len())
			}
		}
		if packed.Header().Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(packed.Body.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, plain.Body.Bytes()) {
				t.Errorf("GET %s packed is something else: %v", at, err)
			}
		} else if plain.Body.Len() > 1024 {
			t.Errorf("GET %s is not packed", at)
		}
		one, other := plain.Header().Get("ETag"), packed.Header().Get("ETag")
		if !strings.HasPrefix(one, `"`) || !strings.HasPrefix(other, `"`) || (one == other) != (packed.Header().Get("Content-Encoding") == "") {
			t.Errorf("GET %s has the tags %s and %s, want strong ones that tell the two forms apart", at, one, other)
		}
		for tag, encoding := range map[string]string{one: "identity", other: "gzip"} {
			if w := ask(at, "If-None-Match", tag, "Accept-Encoding", encoding); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
				t.Errorf("GET %s with its tag %s: %d with %d octets, want 304", at, tag, w.Code, w.Body.Len())
			}
		}
	}
	for _, at := range []string{"/assets/0000000000000000/style.css", path.Dir(paths[0]) + "/nope.js", path.Dir(paths[0]) + "/", "/assets/style.css"} {
		if w := ask(at); w.Code != 404 {
			t.Errorf("GET %s = %d, want 404", at, w.Code)
		}
	}
}

// Our scripts bring text of strangers into the page as text alone, and know no
// other place than this server. uPlot, which gets numbers and words of ours, is
// held to the same.
func TestScriptsAreCareful(t *testing.T) {
	files, err := fs.Glob(os.DirFS("assets"), "*.js")
	if err != nil || len(files) < 5 {
		t.Fatalf("scripts: %v, %v", files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		bad := `innerHTML|outerHTML\s*=[^=]|insertAdjacentHTML|\beval\b|new Function|document\.write|setHTMLUnsafe|createContextualFragment|srcdoc|cssText|setAttribute\(["']style|import\(`
		if name != "uplot.js" {
			bad += `|https?://`
		}
		for _, m := range regexp.MustCompile(bad).FindAllString(strings.ReplaceAll(string(text), `https?:\/\/`, ""), -1) {
			t.Errorf("%s has %s", name, m)
		}
	}
	for _, name := range []string{"style.css", "uplot.css"} {
		if text, err := os.ReadFile("assets/" + name); err != nil || regexp.MustCompile(`url\(|@import|//`).Match(text) {
			t.Errorf("%s asks for something outside: %v", name, err)
		}
	}
}

// uPlot is as it came (docs/dependencies.md).
func TestVendoredFiles(t *testing.T) {
	for name, want := range map[string]string{
		"uplot.js":  "5dd9b3281aa64b461b42d9945f6adb2649d346502b12281a9ae0d46599a80eba",
		"uplot.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
	} {
		text, err := os.ReadFile("assets/" + name)
		if got := fmt.Sprintf("%x", sha256.Sum256(text)); err != nil || got != want {
			t.Errorf("%s has the checksum %s (%v), want %s", name, got, err, want)
		}
	}
}
