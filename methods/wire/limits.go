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

var defaultLimits = Limits{
	Depth: 128, Params: 256, Values: 262144, NameLen: 1024, MethodName: 255,
	Element: 64, Attributes: 64, Scalar: 64, Double: 1024,
}

// or returns l with the defaults put in for zero fields.
func (l Limits) or() Limits {
	if l == (Limits{}) {
		return defaultLimits
	}
	fill := func(field *int, n int) {
		if *field == 0 {
			*field = n
		}
	}
	fill(&l.Depth, defaultLimits.Depth)
	fill(&l.Params, defaultLimits.Params)
	fill(&l.Values, defaultLimits.Values)
	fill(&l.NameLen, defaultLimits.NameLen)
	fill(&l.MethodName, defaultLimits.MethodName)
	fill(&l.Element, defaultLimits.Element)
	fill(&l.Attributes, defaultLimits.Attributes)
	fill(&l.Scalar, defaultLimits.Scalar)
	fill(&l.Double, defaultLimits.Double)
	return l
}
