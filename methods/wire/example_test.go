package wire_test

import (
	"fmt"

	"co2/methods/wire"
)

// A server reads a call, decodes its one param and answers.
func Example() {
	call := `<?xml version="1.0"?>
<methodCall><methodName>relay.register</methodName><params><param><value><struct>
  <member><name>port</name><value><int>8000</int></value></member>
  <member><name>nick</name><value>kitchen</value></member>
</struct></value></param></params></methodCall>`

	c, err := wire.ParseCall([]byte(call), "", wire.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var p struct {
		Port int    `xmlrpc:"port"`
		Nick string `xmlrpc:"nick" optional:"true"`
	}
	if err := c.Decode(0, &p); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Method, p.Port, p.Nick)

	answer, err := wire.AppendResponse(nil, "127.0.0.1:8000")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", answer)
	// Output:
	// relay.register 8000 kitchen
	// <?xml version="1.0" encoding="UTF-8"?>
	// <methodResponse><params><param><value><string>127.0.0.1:8000</string></value></param></params></methodResponse>
}

// A Raw passes a value on as it came and shows it as JSON.
func ExampleRaw() {
	r, err := wire.ParseJSON([]byte(`{"room": "kitchen", "degrees": 21.50, "count": {"$i8": "7"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Type())
	members, _ := r.Members()
	for _, m := range members {
		fmt.Println(m.Name, m.Value)
	}
	// Output:
	// struct
	// room <value><string>kitchen</string></value>
	// degrees <value><double>21.50</double></value>
	// count <value><i8>7</i8></value>
}
