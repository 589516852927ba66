package binding_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A step is what a user asks of a door to a real store, and the one reply.
type step struct {
	uid           uint32
	request, want string
}

// order writes a request with the rest of its arguments.
func order(command, service, more string) string {
	if more != "" {
		more = ", " + more
	}
	return fmt.Sprintf(`{"Command": %q, "Args": {"token": "<token>", "service": %q%s}}`, command, service, more)
}

func ok(value string) string   { return `{"OK": ` + value + `}` }
func refusal(t string) string  { return fmt.Sprintf(`{"Error": %q}`, t) }
func inGroup(g string) string  { return fmt.Sprintf(`"multicast_groups": [%q]`, g) }
func badName(id string) string { return "The name of the service " + id + " is invalid: " }

// What the store decides, as a program at the door hears of it. The steps of
// one test follow each other.
func TestDoorToStore(t *testing.T) { // 4.4, 4.5
	needsRoot(t)
	const (
		a, b = "224.0.0.112", "224.0.0.113"
		root = `"root": true`
		keep = `"permanent": true`
		del  = `"delete_file": true`
	)
	long := strings.Repeat("x", 31)
	tests := []struct {
		name  string
		steps []step
	}{
		{"user services, 4.2", []step{
			{alice, order("Register", "a", ""), ok(`"alice:a"`)},
			{bob, order("Publish", "a", ""), ok(`"bob:a"`)},
			{alice, order("Publish", "a", ""), refusal("Service already exists")},
			{alice, order("Unpublish", "alice:a", ""), ok("0")},
			{alice, order("Unpublish", "alice:a", ""), refusal("Could not find service")},
			{alice, order("Publish", "a", inGroup(b)), ok(`"alice:a"`)},
		}},
		{"root services, 4.2", []step{
			{alice, order("Publish", "a", root), refusal("Permission denied")},
			{admin, order("Publish", "a", root), ok(`"a"`)},
			{0, order("Publish", "a", root), refusal("Service a already exists")},
			{0, order("Unpublish", "a", ""), ok("0")},
		}},
		{"one group each, 4.4 #8", []step{
			{0, order("Publish", "a", root+", "+inGroup(a)), ok(`"a"`)},
			{0, order("Publish", "a", root+", "+inGroup(b)), ok(`"a"`)},
			{0, order("Publish", "a", root), refusal("Service a already exists")},
			{0, order("Unpublish", "a", inGroup(a)), ok("0")},
			{0, order("Has-service", "a", ""), ok("true")},
			{0, order("Unpublish", "a", inGroup(a)), refusal("Could not find service")},
			{0, order("Unpublish", "a", inGroup(b)), ok("0")},
			{0, order("Has-service", "a", ""), ok("false")},
		}},
		{"groups that are not configured, D35", []step{
			{alice, order("Publish", "a", inGroup("224.0.0.114")), refusal("Invalid multicast group address '224.0.0.114': The instance is not a member of this group")},
			{alice, order("Publish", "a", fmt.Sprintf(`"multicast_groups": [%q, "224.0.0.114"]`, a)), refusal("Invalid multicast group address '224.0.0.114': The instance is not a member of this group")},
			{alice, order("Has-service", "alice:a", ""), ok("false")},
			{alice, order("Publish", "a", ""), ok(`"alice:a"`)},
			{alice, order("Unpublish", "alice:a", inGroup("224.0.0.114")), refusal("The group 224.0.0.114 is not available")},
			{alice, order("Has-service", "alice:a", ""), ok("true")},
		}},
		{"params, D11, D26", []step{
			{0, order("Publish", "a", root+`, "params": {"port": 9100, "color": true, "x": null, "y": 1.50}`), ok(`"a"`)},
			{alice, order("Service-info", "a", ""), ok(`{"identifier": "a", "params": {"port": 9100, "color": true, "x": null, "y": 1.5}, "multicast_groups": ["224.0.0.112", "224.0.0.113"], "disabled": false, "permanent": false}`)},
			{alice, order("Publish", "a", ""), ok(`"alice:a"`)},
			{bob, order("Service-info", "alice:a", ""), ok(`{"identifier": "alice:a", "params": {}, "multicast_groups": ["224.0.0.112", "224.0.0.113"], "disabled": false, "permanent": false}`)},
			{bob, order("Service-info", "bob:a", ""), refusal("Could not find service")},
		}},
		{"permanent in two groups, D27", []step{
			{0, order("Publish", "a", root+", "+keep), ok(`"a"`)},
			{0, order("Service-info", "a", ""), ok(`{"identifier": "a", "params": {}, "multicast_groups": ["224.0.0.112", "224.0.0.113"], "disabled": false, "permanent": true}`)},
			{0, order("Unpublish", "a", del), ok("0")},
			{0, order("Reload", "", ""), ok("0")},
			{0, order("Has-service", "a", ""), ok("false")},
		}},
		{"all or nothing, D27", []step{
			{0, order("Publish", "a", root+", "+inGroup(b)), ok(`"a"`)},
			{0, order("Publish", "a", root), refusal("Service a already exists")},
			{0, order("Service-info", "a", ""), ok(`{"identifier": "a", "params": {}, "multicast_groups": ["224.0.0.113"], "disabled": false, "permanent": false}`)},
		}},
		{"others' services, D28", []step{
			{alice, order("Publish", "a", ""), ok(`"alice:a"`)},
			{alice, order("Publish", "p", keep), ok(`"alice:p"`)},
			{admin, order("Publish", "r", root), ok(`"r"`)},
			{bob, order("Unpublish", "alice:a", ""), refusal("Permission denied")},
			{bob, order("Unpublish", "alice:p", del), refusal("Permission denied")},
			{bob, order("Unpublish", "r", ""), refusal("Permission denied")},
			{bob, order("Set-permanent", "alice:a", keep), refusal("Permission denied")},
			{bob, order("Has-service", "alice:p", ""), ok("true")},
			{admin, order("Unpublish", "alice:a", ""), ok("0")},
			{0, order("Unpublish", "alice:p", del), ok("0")},
			{admin, order("Unpublish", "r", ""), ok("0")},
		}},
		{"names that are paths, D29, D30", []step{
			{0, order("Publish", "../x", root+", "+keep), refusal(badName("../x") + "<…>")},
			{0, order("Publish", "a/b", root+", "+keep), refusal(badName("a/b") + "<…>")},
			{0, order("Publish", ".a", root+", "+keep), refusal(badName(".a") + "<…>")},
			{alice, order("Publish", "token", keep), refusal(badName("token") + "<…>")},
			{alice, order("Publish", "..", keep), refusal(badName("..") + "<…>")},
			{0, order("Unpublish", "../secret", del), refusal("Could not find service")},
			{0, order("Unpublish", "/etc/passwd", del), refusal("Could not find service")},
			{alice, order("Unpublish", "alice:..", del), refusal("Could not find service")},
			{alice, order("Unpublish", "alice:token", del), refusal("Could not find service")},
		}},
		{"names, D9, D10", []step{
			{0, order("Publish", long, root), refusal(badName(long) + "<…>")},
			{0, order("Publish", "alice:a", root), refusal(badName("alice:a") + "<…>")},
			{alice, order("Publish", "a:b", ""), refusal(badName("a:b") + "<…>")},
			{alice, order("Publish", "a b", ""), refusal(badName("a b") + "<…>")},
			{alice, `{"Command": "Publish", "Args": {"token": "<token>", "service": "a\n"}}`, refusal(badName("a\n") + "<…>")},
			{alice, order("Publish", "my-svc.v2", ""), ok(`"alice:my-svc.v2"`)},
		}},
		{"one reply when a file is gone, D31", []step{
			{alice, order("Publish", "p", keep), ok(`"alice:p"`)},
			{alice, "remove p", ""},
			{alice, order("Unpublish", "alice:p", del), "<one>"},
			{alice, order("Has-service", "alice:p", ""), ok("false")},
		}},
		{"the last group of a file, D32", []step{
			{0, order("Publish", "a", root+", "+keep+", "+inGroup(a)), ok(`"a"`)},
			{0, order("Unpublish", "a", del+", "+inGroup(a)), ok("0")},
			{0, order("Reload", "", ""), ok("0")},
			{0, order("Has-service", "a", ""), ok("false")},
		}},
		{"unknown services, D33", []step{
			{0, order("Unpublish", "a", ""), refusal("Could not find service")},
			{0, order("Unpublish", "a", del), refusal("Could not find service")},
			{0, order("Unpublish", "nobody:a", ""), refusal("Could not find service")},
			{alice, order("Unpublish", "bob:a", ""), refusal("Permission denied")}, // whether there is one or not, D28
		}},
		{"an own name without its user, D37", []step{
			{alice, order("Publish", "dyn", ""), ok(`"alice:dyn"`)},
			{alice, order("Unpublish", "dyn", ""), refusal("Could not find service")},
			{admin, order("Publish", "dyn", root), ok(`"dyn"`)},
			{alice, order("Unpublish", "dyn", ""), refusal("Permission denied")},
			{alice, order("Has-service", "alice:dyn", ""), ok("true")},
		}},
		{"permanence, D38", []step{
			{alice, order("Publish", "a", ""), ok(`"alice:a"`)},
			{alice, order("Set-permanent", "alice:a", keep), ok("0")},
			{alice, order("Service-info", "alice:a", ""), ok(`{"identifier": "alice:a", "params": {}, "multicast_groups": ["224.0.0.112", "224.0.0.113"], "disabled": false, "permanent": true}`)},
			{alice, order("Set-permanent", "alice:a", `"permanent": false`), ok("0")},
			{alice, order("Set-permanent", "alice:none", keep), refusal("Could not find service")},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg, u := doorConfig(t), testUsers(t)
			d := openWith(t, cfg, newStore(t, cfg, u), u)
			tokens := map[uint32]string{}
			for _, s := range tt.steps {
				if name, gone := strings.CutPrefix(s.request, "remove "); gone {
					if err := os.Remove(filepath.Join(u.byUID[s.uid].Home, ".polo", name)); err != nil {
						t.Fatal(err)
					}
					continue
				}
				c := d.tls(t)
				if tokens[s.uid] == "" {
					tokens[s.uid] = d.tokenOf(t, s.uid)
				}
				got := c.ask(with(s.request, tokens[s.uid]))
				switch reason, open := strings.CutSuffix(s.want, `<…>"}`); {
				case s.want == "<one>":
				case open && (!strings.HasPrefix(got, reason) || got == reason+`"}`):
					t.Errorf("uid %d: %s answered by %s, want %s and a reason", s.uid, s.request, got, s.want)
				case !open:
					wants(t, fmt.Sprintf("uid %d: %s", s.uid, s.request), got, s.want)
				}
				wants(t, "the next reply after "+s.request, c.ask(`{"Command": "Has-service", "Args": {"service": "none"}}`), ok("false"))
			}
			for uid, token := range tokens {
				if got, err := os.ReadFile(d.tokenPath(uid)); err != nil || string(got) != token {
					t.Errorf("the token of uid %d is gone or changed: %v", uid, err)
				}
			}
			if _, err := os.Stat(cfg.SecretFile); err != nil {
				t.Error(err)
			}
		})
	}
}
