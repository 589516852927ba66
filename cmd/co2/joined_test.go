package main_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// A member of the network is a library's server as a satellite.
type member struct {
	*process
	hostID string
}

// join starts a library's own server as a satellite; o tells why not, if it
// has none.
func join(t *testing.T, name string, relay *server) (m *member, o outcome) {
	t.Helper()
	cmd := clientCommand(context.Background(), name, "satellite", relay.url+"/RPC2")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startCommand(t, cmd)
	p.name = name + " " + p.name
	t.Cleanup(func() {
		stdin.Close()
		select {
		case <-p.done:
		case <-time.After(patience):
			t.Errorf("%s did not end with its standard input", p.name)
			cmd.Cancel()
		}
	})
	line, ok := p.out.next("", 3*time.Minute) // some are compiled first
	if why, is := strings.CutPrefix(line, "na satellite "); is {
		return nil, outcome{"na", why}
	}
	id, is := strings.CutPrefix(line, "registered ")
	if !ok || !is {
		t.Fatalf("%s printed %q, want registered HOST_ID", p.name, line)
	}
	return &member{p, id}, outcome{word: "ok"}
}

// hears wants the message, and no other of the same text.
func (m *member) hears(sender, text string) {
	m.t.Helper()
	if got, want := m.printed(text), "notify "+sender+" "+text; got != want {
		m.t.Errorf("%s printed %q, want %q", m.name, got, want)
	}
}

// heardAsSatellite sends a message to a library's satellite.
func heardAsSatellite(t *testing.T, name string, relay *server) outcome {
	t.Helper()
	m, o := join(t, name, relay)
	if m != nil {
		e := listen(t, nil).register(t, relay)
		e.send(t, relay, members("text", text("hello "+name)))
		m.hears(e.hostID, "hello "+name)
	}
	return o
}

// TestInteropNetwork joins the satellites of all libraries to one relay: what
// each sends reaches all the others, and not itself.
func TestInteropNetwork(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--rate", "0")
	all := map[string]*member{}
	for _, name := range interopClients {
		if why := missing(t, name); why != "" {
			t.Log(why)
		} else if m, _ := join(t, name, relay); m != nil {
			all[name] = m
		}
	}
	for sender, s := range all {
		said := "from " + sender
		if got := must[string](t, relay, "relay.relay", structure{"host_id": s.hostID, "data": structure{"text": said}}); got != "OK" {
			t.Fatalf("relay.relay answered %q", got)
		}
		for name, m := range all {
			if name != sender {
				m.hears(s.hostID, said)
			}
		}
	}
	run(t, "send", "--relay", relay.url, "text=the end").ok(t)
	for name, m := range all {
		m.printed("the end")
		if strings.Contains(m.out.String(), "from "+name+"\n") {
			t.Errorf("%s heard itself", name)
		}
	}
}
