package relay

import (
	"strconv"

	"co2/methods/wire"
)

// The documents the relay sends. A notify is one struct (co2.md 9.2): the
// sender, the data, the added keys for those who asked, and the receiver's
// own notify_pass. All but the last is the same for every receiver of a form,
// so it is encoded once for each form.
const (
	notifyStart = `<methodCall><methodName>notify</methodName><params><param><value><struct>`
	notifyTail  = `</struct></value></param></params></methodCall>` + "\n"
)

var pingCall = []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
	`<methodCall><methodName>ping</methodName><params></params></methodCall>` + "\n")

// A notifyForm is what makes the notify of one receiver differ from that of
// another, beside the notify_pass.
type notifyForm struct {
	dialect wire.Dialect
	info    bool // with the keys of message_info
}

// head is the part of m's notify that all receivers of this form share.
func (f notifyForm) head(m *Message) []byte {
	b := append(f.dialect.AppendDeclaration(nil), notifyStart...)
	b = f.appendMember(b, "host_id", m.Sender)
	b = append(b, "<member><name>data</name>"...)
	b = append(f.dialect.AppendRaw(b, m.Data), "</member>"...)
	if m.fromRelay { // where no sender can put it
		b = appendNumber(b, "co2_event", "boolean", "1")
	}
	if !f.info {
		return b
	}
	b = f.appendMember(b, "message_id", m.ID)
	b = appendNumber(b, "message_time", "double", formatSeconds(float64(m.Accepted.UnixMicro())/1e6))
	b = appendNumber(b, "message_ttl", "double", formatSeconds(m.TTL.Seconds()))
	b = f.appendMember(b, "message_key", m.Key)
	return appendNumber(b, "message_hops", "int", strconv.Itoa(m.Hops))
}

// pass is a receiver's own part.
func (f notifyForm) pass(pass string) []byte {
	if pass == "" {
		return nil
	}
	const tags = len("<member><name>notify_pass</name><value><string></string></value></member>")
	return f.appendMember(make([]byte, 0, tags+len(pass)), "notify_pass", pass)
}

func (f notifyForm) appendMember(b []byte, name, text string) []byte {
	b = append(append(append(b, "<member><name>"...), name...), "</name><value><string>"...)
	b = f.dialect.AppendText(b, text)
	return append(b, "</string></value></member>"...)
}

func appendNumber(b []byte, name, kind, text string) []byte {
	return append(b, "<member><name>"+name+"</name><value><"+kind+">"+text+"</"+kind+"></value></member>"...)
}

// formatSeconds writes whole and broken seconds as XML-RPC wants doubles:
// always a point, never an exponent.
func formatSeconds(s float64) string { return strconv.FormatFloat(s, 'f', 6, 64) }
