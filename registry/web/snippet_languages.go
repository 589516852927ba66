package web

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func (c copied) curl() Snippet {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	return Snippet{"curl", "In a shell of Unix.", "curl -sS -H 'Content-Type: text/xml' --data-raw " + quote(c.doc) + " " + quote(c.url) + "\n"}
}

// dottedPython are names that can be written as attributes.
var dottedPython = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*(\.[a-z][A-Za-z0-9_]*)*$`)

// pythonWords cannot be attributes in the source of a program.
const pythonWords = " and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield "

func quotePython(s string) string {
	return quoteWith(s, "", func(r rune) string { return fmt.Sprintf(`\U%08x`, r) })
}

var python = speller{
	quote: quotePython,
	scalar: func(kind, text string) (string, bool) {
		switch kind {
		case "int", "double":
			return text, true
		case "boolean":
			return map[string]string{"1": "True"}[text] + map[string]string{"0": "False"}[text], true
		case "nil":
			return "None", true
		case "dateTime.iso8601":
			return "xmlrpc.client.DateTime(" + quotePython(text) + ")", true
		case "base64":
			return "xmlrpc.client.Binary(base64.b64decode(" + quotePython(text) + "))", true
		}
		return "", false
	},
	list: bracketed,
	dict: func(names, values []string) string { return "{" + pairs(names, values, ": ") + "}" },
}

func (c copied) python() Snippet {
	args, ok := python.call(c)
	if !ok {
		return Snippet{"Python", "Python 3. Its xmlrpc.client cannot send " + c.refused(python) + " as it is, so the call is written out.", fmt.Sprintf(`import urllib.request

call = %s
request = urllib.request.Request(%s, call.encode(), {"Content-Type": "text/xml"})
with urllib.request.urlopen(request) as answer:
    print(answer.read().decode())
`, quotePython(c.doc), quotePython(c.url))}
	}
	imports := "import xmlrpc.client"
	code := strings.Join(args, ", ")
	if strings.Contains(code, "base64.b64decode(") {
		imports = "import base64\n" + imports
	}
	method := "server." + c.method
	for _, word := range strings.Split(c.method, ".") {
		if !dottedPython.MatchString(c.method) || strings.Contains(pythonWords, " "+word+" ") {
			method = "getattr(server, " + quotePython(c.method) + ")"
		}
	}
	return Snippet{"Python", "Python 3.", fmt.Sprintf("%s\n\nserver = xmlrpc.client.ServerProxy(%s, allow_none=True, use_builtin_types=True)\nprint(%s(%s))\n", imports, quotePython(c.url), method, code)}
}

func quotePerl(s string) string {
	return quoteWith(s, "$@", func(r rune) string { return fmt.Sprintf(`\x{%x}`, r) })
}

var perl = speller{
	quote: quotePerl,
	text:  func(quoted string) string { return "RPC::XML::string->new(" + quoted + ")" },
	scalar: func(kind, text string) (string, bool) {
		switch kind {
		case "int", "i8", "boolean", "base64":
			if kind == "base64" {
				return "RPC::XML::base64->new(" + quotePerl(text) + ", 1)", text != ""
			}
			return "RPC::XML::" + kind + "->new(" + quotePerl(text) + ")", true
		case "nil":
			return "RPC::XML::nil->new", true
		}
		return "", false // it writes doubles and dates in a way of its own
	},
	list: func(items []string) string { return "RPC::XML::array->new(from => " + bracketed(items) + ")" },
	dict: func(names, values []string) string {
		return "RPC::XML::struct->new({ " + pairs(names, values, " => ") + " })"
	},
}

func (c copied) perl() Snippet {
	args, ok := perl.call(c)
	if !ok {
		return Snippet{"Perl", "Perl 5.14. RPC::XML cannot send " + c.refused(perl) + " as it is, so the call is written out.", fmt.Sprintf(`use strict;
use warnings;
use utf8;
use Encode;
use HTTP::Tiny;

my $call = %s;
my $answer = HTTP::Tiny->new->post(%s, {
    headers => { "Content-Type" => "text/xml" },
    content => encode("UTF-8", $call),
});
print $answer->{content};
`, quotePerl(c.doc), quotePerl(c.url))}
	}
	return Snippet{"Perl", "Perl 5 with RPC::XML: Debian’s librpc-xml-perl.", fmt.Sprintf(`use strict;
use warnings;
use utf8;
use Data::Dumper;
use RPC::XML;
use RPC::XML::Client;

$RPC::XML::ENCODING = "utf-8";
$RPC::XML::ALLOW_NIL = 1;
my $client = RPC::XML::Client->new(%s);
my $answer = $client->send_request(%s);
die "$answer\n" if !ref $answer;
print Dumper($answer->value);
`, quotePerl(c.url), comma(quotePerl(c.method), args))}
}

func quoteRuby(s string) string { return quoteWith(s, "#", braced) }

var dateParts = regexp.MustCompile(`^(\d{4})(\d\d)(\d\d)T(\d\d):(\d\d):(\d\d)$`)

var ruby = speller{
	quote: quoteRuby,
	scalar: func(kind, text string) (string, bool) {
		switch kind {
		case "int", "double":
			return text, kind == "int" || len(text) < 16 // longer ones it writes with an exponent
		case "boolean":
			return map[string]string{"1": "true", "0": "false"}[text], true
		case "base64":
			return `XMLRPC::Base64.new(` + quoteRuby(text) + `.unpack1("m"))`, true
		case "dateTime.iso8601":
			parts := dateParts.FindStringSubmatch(text)
			if parts == nil {
				return "", false
			}
			var numbers []string
			for _, part := range parts[1:] {
				n, _ := strconv.Atoi(part) // digits they are
				numbers = append(numbers, strconv.Itoa(n))
			}
			return "XMLRPC::DateTime.new(" + strings.Join(numbers, ", ") + ")", true
		}
		return "", false
	},
	list: bracketed,
	dict: func(names, values []string) string { return "{ " + pairs(names, values, " => ") + " }" },
}

func (c copied) ruby() Snippet {
	args, ok := ruby.call(c)
	if !ok {
		return Snippet{"Ruby", "Ruby. Its xmlrpc cannot send " + c.refused(ruby) + " as it is, so the call is written out.", fmt.Sprintf(`require "net/http"

call = %s
puts Net::HTTP.post(URI(%s), call, "Content-Type" => "text/xml").body
`, quoteRuby(c.doc), quoteRuby(c.url))}
	}
	return Snippet{"Ruby", "Ruby with xmlrpc: gem install xmlrpc, or Debian’s ruby-xmlrpc.", fmt.Sprintf("require \"xmlrpc/client\"\n\nserver = XMLRPC::Client.new2(%s)\np server.call(%s)\n", quoteRuby(c.url), comma(quoteRuby(c.method), args))}
}

func quoteJS(s string) string { return quoteWith(s, "", braced) }

var nodeJS = speller{
	quote: quoteJS,
	scalar: func(kind, text string) (string, bool) {
		switch kind {
		case "int":
			return text, true
		case "double": // a whole one would be sent as int
			return text, !strings.HasSuffix(text, ".0") && len(text) < 16
		case "boolean":
			return map[string]string{"1": "true", "0": "false"}[text], true
		case "base64":
			return "Buffer.from(" + quoteJS(text) + `, "base64")`, true
		}
		return "", false
	},
	list: bracketed,
	dict: func(names, values []string) string {
		for i, name := range names {
			if name == `"__proto__"` {
				names[i] = "[" + name + "]" // so that it is a name like others
			}
		}
		return "{ " + pairs(names, values, ": ") + " }"
	},
}

func (c copied) node() Snippet {
	args, ok := nodeJS.call(c)
	if !ok {
		return Snippet{"Node", "Node 18. The package xmlrpc cannot send " + c.refused(nodeJS) + " as it is, so the call is written out.", fmt.Sprintf(`const call = %s
fetch(%s, { method: "POST", headers: { "Content-Type": "text/xml" }, body: call })
  .then((answer) => answer.text())
  .then(console.log)
`, quoteJS(c.doc), quoteJS(c.url))}
	}
	create := "createClient"
	if strings.HasPrefix(c.url, "https:") {
		create = "createSecureClient"
	}
	return Snippet{"Node", "Node with the package xmlrpc: npm install xmlrpc.", fmt.Sprintf(`const xmlrpc = require("xmlrpc")

const client = xmlrpc.%s(%s)
client.methodCall(%s, %s, (error, result) => {
  console.log(error || result)
})
`, create, quoteJS(c.url), quoteJS(c.method), bracketed(args))}
}

func quotePHP(s string) string { return quoteWith(s, "$", braced) }

var php = speller{
	quote: quotePHP,
	scalar: func(kind, text string) (string, bool) {
		switch kind {
		case "int":
			return text, true
		case "double":
			return text, len(text) < 16
		case "boolean":
			return map[string]string{"1": "true", "0": "false"}[text], true
		}
		return "", false // dates and base64 take more than a literal
	},
	list: bracketed,
	dict: func(names, values []string) string { return "[" + pairs(names, values, " => ") + "]" },
	names: func(names []string) bool { // it takes numbers for places in an array
		return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool {
			_, err := strconv.Atoi(name)
			return err == nil
		})
	},
}

func (c copied) php() Snippet {
	args, ok := php.call(c)
	call := "xmlrpc_encode_request(" + quotePHP(c.method) + ", " + bracketed(args) + `, ["encoding" => "utf-8", "escaping" => "markup"])`
	show := "print_r(xmlrpc_decode($answer, \"utf-8\"));"
	needs := "PHP with the extension xmlrpc: Debian’s php-xmlrpc."
	if !ok {
		needs = "PHP 7. The extension xmlrpc cannot send " + c.refused(php) + " as it is, so the call is written out."
		call, show = quotePHP(c.doc), "echo $answer;"
	}
	return Snippet{"PHP", needs, fmt.Sprintf(`<?php
$call = %s;
$context = stream_context_create(["http" => [
    "method" => "POST",
    "header" => "Content-Type: text/xml",
    "content" => $call,
]]);
$answer = file_get_contents(%s, false, $context);
%s
`, call, quotePHP(c.url), show)}
}

func (c copied) golang() Snippet {
	return Snippet{"Go", "Go, with nothing but the standard library.", fmt.Sprintf(`package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	call := %s
	answer, err := http.Post(%s, "text/xml", strings.NewReader(call))
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil {
		log.Fatal(err)
	}
}
`, strconv.Quote(c.doc), strconv.Quote(c.url))}
}
