package conformance

import (
	"net"
	"strings"
	"time"
)

// markupCases are X6 to X13 and X17: what XML allows and what it does not.
func markupCases() []Case {
	doc := echoText("<int>1</int>")
	const head = `<?xml version="1.0"?>`
	inside := func(old, new string) string { return strings.Replace(doc, old, new, 1) }
	broken := func(words, doc string) documentRow { return documentRow{"X6", Spec, words, doc, "-32700"} }
	fine := func(words, doc string) documentRow { return documentRow{"X6", Spec, words, doc, "<int>1</int>"} }
	doctype := func(words, text string) documentRow {
		return documentRow{"X10", CO2, words, inside(head, head+text), "-32600"}
	}
	documents := fromDocumentRows([]documentRow{
		fine("no declaration", inside(head, "")), fine("a declaration in single quotes", inside(`"1.0"`, "'1.0' standalone='yes' ")),
		fine("white space, comments and PIs round the root", head+"\n<!-- a --><?b c?>\r\n"+inside(head, "")+"\n<!-- d --> <?e?>\n"),
		broken("an empty body", ""), broken("blanks only", " \n"), broken("text", "hello"), broken("text before the root", inside(head, head+"x")),
		broken("text behind the root", doc+"x"),
		broken("two roots", doc+"<methodCall/>"), broken("CDATA behind the root", doc+"<![CDATA[]]>"), broken("a reference behind the root", doc+"&#32;"),
		broken("a blank before the declaration", " "+doc), broken("a comment before the declaration", "<!-- -->"+doc), broken("two declarations", head+doc),
		broken("a declaration inside", inside("<params>", head+"<params>")), broken("a declaration without version", inside(head, `<?xml encoding="utf-8"?>`)),
		broken("standalone=maybe", inside(`"1.0"`, `"1.0" standalone="maybe"`)), broken("cut off", doc[:len(doc)-9]), broken("cut off in a tag", doc[:len(doc)-1]),
		broken("tags that do not match", inside("</int>", "</i4>")), broken("tags that cross", inside("<int>1</int></value>", "<int>1</value></int>")),
		broken("an end tag too many", doc+"</methodCall>"), broken("an attribute without quotes", inside("<int>", "<int a=b>")),
		broken("an attribute without value", inside("<int>", "<int a>")),
		broken("an attribute twice", inside("<int>", `<int a="1" a="2">`)), broken("< in an attribute", inside("<int>", `<int a="<">`)),
		broken("an attribute of an end tag", inside("</int>", `</int a="1">`)),
		broken("-- in a comment", inside("<int>", "<!-- a -- b --><int>")), broken("a comment without end", inside("<int>", "<!-- <int>")),
		broken("]]> in text", inside("<int>1</int>", "a]]>b")),
		broken("a bare &", inside("<int>1</int>", "a & b")), broken("a bare <", inside("<int>1</int>", "a < b")), broken("CDATA without end", inside("<int>1</int>", "<![CDATA[a")),
		broken("a name that begins with a digit", inside("<int>1</int>", "<1nt>1</1nt>")), broken("<!doctype in lower case", inside(head, head+"<!doctype m>")),
		broken("a blank before a name", inside("<int>", "< int>")),
		doctype("DOCTYPE alone", "<!DOCTYPE methodCall>"), doctype("with an entity", `<!DOCTYPE m [<!ENTITY a "b">]>`),
		doctype("with a public identifier", `<!DOCTYPE m PUBLIC "-//A//B" "http://127.0.0.1:9/x.dtd">`),
		doctype("billion laughs", `<!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>`),
		{"X10", CO2, "an entity of a DOCTYPE in a value", strings.NewReplacer(head, head+`<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>`, "<int>1</int>", "&a;").Replace(doc), "-32600"},
		{"X12", Spec, "attributes are ignored", inside("<int>", `<int a="1" b='"' xml:space="preserve">`), "<int>1</int>"},
		{"X12", CO2, "on every element", strings.NewReplacer("<methodCall>", `<methodCall version="1.0">`, "<methodName>", "<methodName id='1'>", "<params>", "<params a=''>",
			"<param>", "<param b=''>", "<value>", "<value c=''>", "<struct>", "<struct d=''>", "<member>", "<member e=''>", "<name>", "<name f=''>").Replace(doc), "<int>1</int>"},
		{"X13", CO2, "METHODCALL", strings.NewReplacer("methodCall", "METHODCALL").Replace(doc), "-32600"},
		{"X13", CO2, "Int", strings.NewReplacer("int>", "Int>").Replace(doc), "-32600"},
		{"X13", CO2, "a default namespace", inside("<methodCall>", `<methodCall xmlns="http://example.org/">`), "-32600"},
		{"X13", CO2, "a type of another namespace", inside("<int>1</int>", `<z:int xmlns:z="http://example.org/">1</z:int>`), "-32600"},
		{"X13", Spec, "a namespace that is declared and not used", inside("<methodCall>", `<methodCall xmlns:z="http://example.org/">`), "<int>1</int>"},
	})
	cases := append(documents, characterCases()...)
	return append(cases, fetchCases()...)
}

// characterCases are X7 to X9, X11 and X17: characters and how they are meant.
func characterCases() []Case {
	bad := func(words, x string) echoRow {
		return echoRow{"X7", Spec, words, "<string>" + x + "</string>", "-32700"}
	}
	good := func(rule, words, x, back string) echoRow {
		return echoRow{rule, Spec, words, "<string>" + x + "</string>", "<string>" + back + "</string>"}
	}
	return append(fromEchoRows([]echoRow{
		bad("U+0000", "\x00"), bad("U+0001", "\x01"), bad("U+0008", "\b"), bad("U+000B", "\v"), bad("U+000C", "\f"), bad("U+001F", "\x1f"),
		bad("U+FFFE", "\ufffe"), bad("U+FFFF", "\uffff"),
		bad("&#0;", "&#0;"), bad("&#11;", "&#11;"), bad("&#xD800;", "&#xD800;"), bad("&#xFFFF;", "&#xFFFF;"), bad("&#x110000;", "&#x110000;"),
		bad("a reference beyond 64 bit", "&#x10000000000000041;"), bad("a reference without number", "&#;"), bad("a reference without end", "&#65"),
		bad("&#X41; in upper case", "&#X41;"),
		good("X7", "the ends of what is allowed", "\t\n\ufffd\U0010ffff\x7f", "\t\n\ufffd\U0010ffff\x7f"),
		good("X8", "comments, PIs and CDATA join", "a<!--x-->b<?p q?><![CDATA[c]]>", "abc"),
		good("X8", "CDATA keeps markup", "<![CDATA[<a>&amp;]]>", "&lt;a&gt;&amp;amp;"),
		{"X8", Spec, "comments in a number", "<int>1<!-- 2 -->3</int>", "<int>13</int>"},
		{"X8", Spec, "a comment in an untyped value", "ab<!-- c -->cd", "<string>abcd</string>"},
		{"X8", Spec, "comments and PIs between elements", "<!-- a --><array><!-- b --><data><?c?><value><int>1</int></value><!-- d --></data></array><?e?>", "<array><data><value><int>1</int></value></data></array>"},
		{"X8", Spec, "in a name", "<struct><member><name>a<!-- x -->b<![CDATA[c]]></name><value><int>1</int></value></member></struct>", "<struct><member><name>abc</name><value><int>1</int></value></member></struct>"},
		good("X9", "the five entities", "&lt;&gt;&amp;&apos;&quot;", "&lt;&gt;&amp;'\""),
		good("X9", "references", "&#65;&#x42;&#x1F600;&#8364;", "AB😀€"),
		{"X9", Spec, "&nbsp; is not declared", "<string>&nbsp;</string>", "-32700"},
		{"X9", Spec, "&LT; is not declared", "<string>&LT;</string>", "-32700"},
		good("X11", "CR LF becomes LF", "a\r\nb", "a\nb"), good("X11", "CR becomes LF", "a\rb\r\r\n", "a\nb\n\n"),
		good("X11", "CR in CDATA becomes LF", "<![CDATA[a\r\nb]]>", "a\nb"), good("X11", "a CR by reference is kept", "a&#13;&#10;b", "a&#13;\nb"),
		good("X17", "what is escaped and what is not", "&lt;&amp;&gt;&#13;\n\t'\"é]]&gt;", "&lt;&amp;&gt;&#13;\n\t'\"é]]&gt;"),
		{"X17", Spec, "names are escaped too", "<struct><member><name>&lt;&amp;&gt;\"</name><value><int>1</int></value></member></struct>", ""},
	}), fromDocumentRows([]documentRow{
		{"X8", Spec, "comments and CDATA in methodName", strings.Replace(echoText("<int>1</int>"), "{echo}", "<!-- a --><![CDATA[{echo}]]><?b?>", 1), "<int>1</int>"},
	})...)
}

// fetchCases are the rest of X10: whatever a document refers to, nobody goes
// and gets it. A listener of the suite waits for who might.
func fetchCases() []Case {
	fetching := func(words string, doc func(url string) string) Case {
		return Case{Rule: "X10", Words: "nothing is fetched: " + words, Level: CO2, Needs: []string{"echo"}, Do: func(k *Talker) *Difference {
			l, err := k.dial()
			if err != nil {
				return nil
			}
			host, _, _ := net.SplitHostPort(l.LocalAddr().String())
			trap, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
			if err != nil {
				k.unable = err
				return nil
			}
			defer trap.Close()
			sent, a := k.ask(l, Turn{Send: posting(plain(doc("http://" + trap.Addr().String() + "/x")))})
			trap.(*net.TCPListener).SetDeadline(time.Now().Add(50 * time.Millisecond))
			if c, err := trap.Accept(); err == nil {
				c.Close()
				return &Difference{show(sent), "an answer and no connection to the suite", a.String() + ", and it came to fetch"}
			}
			if a.Status != 200 {
				return &Difference{show(sent), "HTTP 200", a.String()}
			}
			return nil
		}}
	}
	const head = `<?xml version="1.0"?>`
	doc := echoText("<string>x</string>")
	return []Case{
		fetching("an external DTD", func(url string) string {
			return strings.Replace(doc, head, head+`<!DOCTYPE m SYSTEM "`+url+`">`, 1)
		}),
		fetching("an external entity", func(url string) string {
			return strings.NewReplacer(head, head+`<!DOCTYPE m [<!ENTITY x SYSTEM "`+url+`">]>`, ">x<", ">&x;<").Replace(doc)
		}),
		fetching("a parameter entity", func(url string) string {
			return strings.Replace(doc, head, head+`<!DOCTYPE m [<!ENTITY % x SYSTEM "`+url+`"> %x;]>`, 1)
		}),
		fetching("XInclude", func(url string) string {
			return strings.Replace(doc, ">x<", `><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="`+url+`"/><`, 1)
		}),
		fetching("a stylesheet", func(url string) string {
			return strings.Replace(doc, head, head+`<?xml-stylesheet href="`+url+`"?>`, 1)
		}),
		fetching("a schema", func(url string) string {
			return strings.Replace(doc, "<methodCall>", `<methodCall xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="`+url+`" xml:base="`+url+`">`, 1)
		}),
	}
}
