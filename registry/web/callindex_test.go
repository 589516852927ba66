package web_test

import (
	"strings"
	"testing"

	"co2/registry/web"
)

// TestMethodsHaveAnIndex finds methods by name and by words.
func TestMethodsHaveAnIndex(t *testing.T) {
	s := site(anna)
	s.Methods = func() []web.Method {
		return []web.Method{
			{Name: "ping", Signature: "ping() → string", Help: "Returns 'OK'.", Access: "public", Aliases: []string{"web.ping"}},
			{Name: "relay.pause", Signature: "relay.pause(struct) → string", Help: "Pauses a satellite.", Access: "operator"},
			{Name: "relay.pin", Signature: "relay.pin(struct) → string", Help: "Keeps it.\n\nKeys:\n  host_id (string): which SATELLITE", Access: "operator"},
		}
	}
	h := web.Handler(s)
	for search, want := range map[string][]string{
		"": {"ping", "relay.pause", "relay.pin"}, "PING": {"ping"}, "web.": {"ping"}, "satellite": {"relay.pause", "relay.pin"}, "pause": {"relay.pause"},
		"none of them": nil, "<script>": nil, "%ff%00": nil,
	} {
		at := "/methods?q=" + strings.NewReplacer(" ", "+", "<", "%3C", ">", "%3E").Replace(search)
		page := get(h, "GET", at).Body.String()
		inspect(t, at, page)
		for _, name := range []string{"ping", "relay.pause", "relay.pin"} {
			wanted := strings.Contains(" "+strings.Join(want, " ")+" ", " "+name+" ")
			if strings.Contains(page, `<h2 id="`+name+`">`) != wanted {
				t.Errorf("GET %s: %s is there %v, want %v", at, name, !wanted, wanted)
			}
			if inIndex := strings.Contains(page, `<li><a href="#`+name+`">`); inIndex != (wanted && len(want) > 1) {
				t.Errorf("GET %s: %s is in the index %v", at, name, inIndex)
			}
		}
		if len(want) == 0 && (!strings.Contains(page, "No method is like that.") || !strings.Contains(page, `<a href="/methods">Show all 3</a>`)) || strings.Contains(page, "<script>") {
			t.Errorf("GET %s:\n%s", at, page)
		}
	}
}
