package conformance

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A Want says what must come back, and judges what did.
type Want struct {
	says  string
	meets func(a *Answer, strict Level) bool
}

func (w Want) String() string { return w.says }

// status wants one of some HTTP statuses.
func status(codes ...int) Want {
	return Want{
		says:  "HTTP " + strings.Trim(strings.ReplaceAll(fmt.Sprint(codes), " ", " or "), "[]"),
		meets: func(a *Answer, _ Level) bool { return a.Err == nil && slices.Contains(codes, a.Status) },
	}
}

// orClosed also takes a connection that is closed without an answer.
func orClosed(w Want) Want {
	return Want{w.says + ", or the connection closed", func(a *Answer, strict Level) bool { return a.silent() || w.meets(a, strict) }}
}

// and wants both.
func and(w, v Want) Want {
	return Want{w.says + " and " + v.says, func(a *Answer, strict Level) bool { return w.meets(a, strict) && v.meets(a, strict) }}
}

// header wants a header with this value; an empty one must not be there.
func header(name, value string) Want {
	says := name + ": " + value
	if value == "" {
		says = "no " + name
	}
	return Want{says, func(a *Answer, _ Level) bool { return a.Header.Get(name) == value }}
}

// unasked wants that no 100 Continue came before the answer.
var unasked = Want{"no 100 Continue before it", func(a *Answer, _ Level) bool { return !a.Continued }}

// holds wants a text in the answer's document, lacks wants it absent.
func holds(text string) Want {
	return Want{"with " + show([]byte(text)), func(a *Answer, _ Level) bool { return bytes.Contains(a.document(), []byte(text)) }}
}

func lacks(text string) Want {
	return Want{"without " + show([]byte(text)), func(a *Answer, _ Level) bool { return !bytes.Contains(a.document(), []byte(text)) }}
}

// aResult wants any result.
var aResult = Want{"a result", func(a *Answer, _ Level) bool {
	if !a.isXML() {
		return false
	}
	_, err := result(a.document())
	return err == nil
}}

// answers wants a result that means x.
func answers(x string) Want {
	return Want{"the result " + show([]byte(x)), func(a *Answer, strict Level) bool {
		return a.isXML() && isValue(a.document(), x, strict, "<params><param><value>", "</value></param></params>")
	}}
}

// echoes wants that the member v of the echo means x.
func echoes(x string) Want {
	return Want{"back " + show([]byte(x)), func(a *Answer, strict Level) bool {
		return a.isXML() && isEcho(a.document(), x, strict)
	}}
}

// spells wants that it is x to the letter.
func spells(x string) Want {
	return Want{"back exactly " + show([]byte(x)), func(a *Answer, _ Level) bool {
		return a.isXML() && isEcho(a.document(), x, exact)
	}}
}

func isEcho(doc []byte, x string, strict Level) bool {
	if strict == exact {
		return bytes.Contains(doc, []byte("<params><param><value>"+vStruct(x)+"</value></param></params>"))
	}
	v, err := result(doc)
	if err != nil {
		return false
	}
	v = v.member("v")
	return v != nil && v.normal() == normalOf(x)
}

func isValue(doc []byte, x string, strict Level, before, after string) bool {
	if strict == exact {
		return bytes.Contains(doc, []byte(before+x+after))
	}
	v, err := result(doc)
	return err == nil && v.normal() == normalOf(x)
}

// faults wants a fault with one of these codes. The public text knows no
// codes: by it any refusal will do.
func faults(codes ...int) Want {
	return Want{
		says: "fault " + strings.Trim(strings.ReplaceAll(fmt.Sprint(codes), " ", " or "), "[]"),
		meets: func(a *Answer, strict Level) bool {
			if strict < Convention && a.refused() {
				return true
			}
			f := faultIn(a)
			return f != nil && (strict < Convention || slices.Contains(codes, f.code))
		},
	}
}

// faultIn is the fault in an answer, or nil.
func faultIn(a *Answer) *fault {
	if !a.isXML() {
		return nil
	}
	return faultOf(a.document())
}

// refused reports whether the request was turned down by HTTP.
func (a *Answer) refused() bool { return a.Status >= 400 }

// silent reports whether the connection was closed before an answer, in time.
func (a *Answer) silent() bool { return a.Status == 0 && a.Err != nil && !isTimeout(a.Err) }

// anArrayWith wants a result that is an array in which these values are.
func anArrayWith(values ...string) Want {
	return Want{"an array with " + strings.Join(values, ", "), func(a *Answer, _ Level) bool {
		items := itemsOf(a)
		for _, v := range values {
			if !slices.Contains(items, normalOf(v)) {
				return false
			}
		}
		return items != nil
	}}
}

// itemsOf are the items of a result that is an array, or nil.
func itemsOf(a *Answer) []string {
	if !a.isXML() {
		return nil
	}
	v, err := result(a.document())
	if err != nil {
		return nil
	}
	data, err := v.path("array", "data")
	if err != nil {
		return nil
	}
	items := []string{}
	for _, item := range data.nodes {
		items = append(items, item.normal())
	}
	return items
}
