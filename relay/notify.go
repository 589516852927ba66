package relay

import (
	"strconv"

	"co2/methods/wire"
)

// The documents the relay sends. A notify is one struct (co2.md 9.2): the
// sender, the data, the added keys for those who asked, and the receiver's
// own notify_pass. All but the last is the same for every receiver, so it is
// encoded once.
const (
	notifyStart = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<methodCall><methodName>notify</methodName><params><param><value><struct>`
	notifyTail = `</struct></value></param></params></methodCall>` + "\n"
)

var pingCall = []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
	`<methodCall><methodName>ping</methodName><params></params></methodCall>` + "\n")

// notifyHead is the shared part of a notify, encoded at its first use.
func (m *Message) notifyHead(info bool) []byte {
	if info {
		m.onceInfo.Do(func() { m.headInfo = m.appendInfo(m.appendHead(nil)) })
		return m.headInfo
	}
	m.oncePlain.Do(func() { m.headPlain = m.appendHead(nil) })
	return m.headPlain
}

func (m *Message) appendHead(b []byte) []byte {
	b = append(b, notifyStart...)
	b = appendMember(b, "host_id", m.Sender)
	b = append(b, "<member><name>data</name>"...)
	b = append(b, m.Data.String()...)
	return append(b, "</member>"...)
}

// appendInfo adds the keys a receiver gets with message_info.
func (m *Message) appendInfo(b []byte) []byte {
	b = appendMember(b, "message_id", m.ID)
	b = appendNumber(b, "message_time", "double", formatSeconds(float64(m.Accepted.UnixMicro())/1e6))
	b = appendNumber(b, "message_ttl", "double", formatSeconds(m.TTL.Seconds()))
	b = appendMember(b, "message_key", m.Key)
	return appendNumber(b, "message_hops", "int", strconv.Itoa(m.Hops))
}

func passMember(pass string) []byte {
	if pass == "" {
		return nil
	}
	return appendMember(nil, "notify_pass", pass)
}

func appendMember(b []byte, name, text string) []byte {
	b = append(b, "<member><name>"+name+"</name><value><string>"...)
	b = wire.AppendText(b, text)
	return append(b, "</string></value></member>"...)
}

func appendNumber(b []byte, name, kind, text string) []byte {
	return append(b, "<member><name>"+name+"</name><value><"+kind+">"+text+"</"+kind+"></value></member>"...)
}

// formatSeconds writes whole and broken seconds as XML-RPC wants doubles:
// always a point, never an exponent.
func formatSeconds(s float64) string { return strconv.FormatFloat(s, 'f', 6, 64) }
