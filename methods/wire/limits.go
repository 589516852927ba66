package wire

// Limits bound what a document may cost its reader (xmlrpc.md section 8). A
// field that is zero stands for its default.
type Limits struct {
	Depth      int // L5: arrays and structs open at once, the outermost included; 128
	Params     int // L6: params of a call; 256
	Values     int // L7: values in a document; 262,144
	NameLen    int // L8: octets of a member name; 1,024
	MethodName int // L9: octets of a methodName; 255
	Element    int // L9: octets of an element name; 64
	Attributes int // L9: attributes of one element; 64
	Scalar     int // L10: characters of an int, a boolean or a date; 64
	Double     int // L10: characters of a double; 1,024
}

// or returns l with the defaults put in for zero fields.
func (l Limits) or() Limits {
	fill := func(field *int, n int) {
		if *field == 0 {
			*field = n
		}
	}
	fill(&l.Depth, 128)
	fill(&l.Params, 256)
	fill(&l.Values, 262144)
	fill(&l.NameLen, 1024)
	fill(&l.MethodName, 255)
	fill(&l.Element, 64)
	fill(&l.Attributes, 64)
	fill(&l.Scalar, 64)
	fill(&l.Double, 1024)
	return l
}
