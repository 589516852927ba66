package relay

import (
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

func messageOf(t *testing.T, v any) *Message {
	t.Helper()
	raw, err := wire.NewRaw(v)
	if err != nil {
		t.Fatal(err)
	}
	return &Message{Data: raw}
}

// What a reason repeats of a message is struck out, nothing else.
func TestMessageIsStruckOut(t *testing.T) {
	deep := map[string]any{
		"temperature": []any{"A&B <strong>", "short", "grüße aus Köln", 1234567.75, map[string]any{"x": "two\r\nlines of it"}},
		"blob":        []byte("octets that are base64"),
	}
	for _, test := range []struct{ reason, want string }{
		{"fault 1: no", "fault 1: no"},
		{"fault 1: cannot play 'A&B <strong>' here", "fault 1: cannot play '[message]' here"},
		{"fault 1: 'A&B <strong' and short", "fault 1: '[message]' and short"},
		{"fault 1: A&B <stro, grüße aus Köln, grüße", "fault 1: [message], [message], grüße"},
		{"fault 1: ße aus Kölx", "fault 1: [message]x"},
		{"fault 1: 1234567.75 is too much", "fault 1: [message] is too much"},
		{"fault 1: two\r\nlines of it", "fault 1: [message]"},
		{"fault 1: b2N0ZXRzIHRoYXQgYXJlIGJhc2U2NA==", "fault 1: [message]"},
		{"fault 1: KeyError: 'temperature'", "fault 1: KeyError: 'temperature'"},
		{"fault 1: <value><string> wanted, not </string></value>", "fault 1: <value><string> wanted, not </string></value>"},
		{"", ""},
	} {
		if got := withoutMessage(test.reason, messageOf(t, deep)); got != test.want {
			t.Errorf("withoutMessage(%q) = %q, want %q", test.reason, got, test.want)
		}
	}
}

// A password is struck out as it is, quoted and in parts. A short one hides
// the reason.
func TestPassIsStruckOut(t *testing.T) {
	const long, hidden = `pass "word" & 4711`, "the call failed; why is not shown, since the words hold the satellite's notify_pass"
	for _, test := range []struct{ reason, pass, want string }{
		{"fault 1: wrong password", long, "fault 1: wrong password"},
		{"fault 1: wrong password", "", "fault 1: wrong password"},
		{`fault 1: pass "word" & 4711 is wrong`, long, "fault 1: [notify_pass] is wrong"},
		{`fault 1: "pass \"word\" & 4711" is wrong`, long, `fault 1: "[notify_pass]" is wrong`},
		{`fault 1: pass &#34;word&#34; &amp; 4711 is wrong`, long, "fault 1: [notify_pass] is wrong"},
		{`fault 1: pass+%22word%22+%26+4711 is wrong`, long, "fault 1: [notify_pass] is wrong"},
		{`fault 1: it begins with pass "word`, long, "fault 1: it begins with [notify_pass]"},
		{"fault 1: abc is wrong", "abc", hidden},
	} {
		if got := without(test.reason, test.pass, nil); got != test.want {
			t.Errorf("without(%q, %q) = %q, want %q", test.reason, test.pass, got, test.want)
		}
	}
}

// What is in the password and in the message is struck out of both.
func TestPassAndMessageHaveThingsInCommon(t *testing.T) {
	const reason, want = "fault 1: PLANTED-PASS-7431 for LOAD-PLANTED-9917 or PLANTED-PASS", "fault 1: [notify_pass] for [message] or [message]"
	if got := without(reason, "PLANTED-PASS-7431", messageOf(t, []any{"LOAD-PLANTED-9917", "PLANTED-PASS"})); got != want {
		t.Errorf("without(%q) = %q, want %q", reason, got, want)
	}
}

// A message of one letter, a million times, and a reason like it cost no more
// than others.
func TestStrikingTakesOnePass(t *testing.T) {
	long := messageOf(t, strings.Repeat("a", 1<<20))
	other := messageOf(t, strings.Repeat("abcdefghijklmnopqrstuvwxyz012345", 1<<15))
	took := func(m *Message) time.Duration {
		least := time.Hour
		for range 5 {
			begun := time.Now()
			withoutMessage(strings.Repeat("a", 1<<16), m)
			least = min(least, time.Since(begun))
		}
		return least
	}
	if same, usual := took(long), took(other); same > 20*usual+time.Millisecond {
		t.Errorf("a reason like the message took %v, others %v", same, usual)
	}
	if got := withoutMessage(strings.Repeat("a", 1<<16), long); got != struckMessage {
		t.Errorf("struck to %.80q, want %q", got, struckMessage)
	}
}
