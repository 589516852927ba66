package conformance

import "strings"

// numberCases are V-INT, V-BOOL and V-DBL.
func numberCases() []Case {
	var rows []echoRow
	fits := func(rule string, level Level, kind string, pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			rows = append(rows, echoRow{rule, level, "", "<" + kind + ">" + pairs[i] + "</" + kind + ">", pairs[i+1]})
		}
	}
	misfits := func(rule string, level Level, kind string, texts ...string) {
		for _, text := range texts {
			rows = append(rows, echoRow{rule, level, "", "<" + kind + ">" + text + "</" + kind + ">", "-32600"})
		}
	}
	i := func(n string) string { return "<int>" + n + "</int>" }
	i8 := func(n string) string { return "<i8>" + n + "</i8>" }
	d := func(n string) string { return "<double>" + n + "</double>" }

	fits("V-INT-1", Spec, "int", "0", i("0"), "7", i("7"), "-7", i("-7"), "+7", i("7"), "007", i("7"), "-0", i("0"), "2147483647", i("2147483647"), "-2147483648", i("-2147483648"))
	fits("V-INT-1", Spec, "i4", "7", i("7"), "-12", i("-12"))
	fits("V-INT-1", Convention, "i8", "7", i("7"), "4611686018427387904", i8("4611686018427387904"), "9223372036854775807", i8("9223372036854775807"), "-9223372036854775808", i8("-9223372036854775808"))
	fits("V-INT-1", CO2, "int", "00000000000000000007", i("7"))
	fits("V-INT-2", CO2, "int", "2147483648", i8("2147483648"), "-9223372036854775808", i8("-9223372036854775808"))
	fits("V-INT-2", CO2, "i4", "9223372036854775807", i8("9223372036854775807"))
	misfits("V-INT-2", Convention, "int", "9223372036854775808", "-9223372036854775809", "18446744073709551616")
	misfits("V-INT-3", Convention, "int", "", " ", "1.0", "1e3", "1e+300", "0x10", "1_000", "1,000", "--1", "+-1", "one", "٣", "１", "+", "-", "1 000", "1.", "true", "NaN", "Infinity")
	misfits("V-INT-3", Convention, "i8", "", "1e3", "99999999999999999999")
	fits("V-INT-4", CO2, "i8", "2147483647", i("2147483647"), "2147483648", i8("2147483648"), "-2147483648", i("-2147483648"), "-2147483649", i8("-2147483649"))

	fits("V-BOOL-1", Spec, "boolean", "0", "<boolean>0</boolean>", "1", "<boolean>1</boolean>")
	fits("V-BOOL-1", CO2, "boolean", "true", "<boolean>1</boolean>", "false", "<boolean>0</boolean>")
	misfits("V-BOOL-1", Convention, "boolean", "2", "-1", "T", "True", "FALSE", "yes", "", "01", "1.0")

	fits("V-DBL-1", Spec, "double", "-12.214", d("-12.214"), "0.0", d("0.0"), "1.5", d("1.5"), "+1.5", d("1.5"), "-0.1500", d("-0.15"), "100000.0", d("100000.0"), "0.000001", d("0.000001"))
	fits("V-DBL-1", CO2, "double", "1", d("1.0"), "1.", d("1.0"), ".5", d("0.5"), "1.5e3", d("1500.0"), "1E+3", d("1000.0"), "1e-7", d("0.0000001"), "-.5e-1", d("-0.05"))
	fits("V-DBL-1", CO2, "double", "1e-400", d("0.0"), "-1e-400", d("-0.0"), "-0.0", d("-0.0"), "5e-324", d("0."+strings.Repeat("0", 323)+"5"))
	misfits("V-DBL-2", Convention, "double", "NaN", "nan", "Inf", "-Inf", "+Inf", "inf", "Infinity", "-infinity", "0x1p-2", "0x10", "1_0.0", "1,5", "1e999", "-1e999", "", ".", "+", "e5", "1e", "1e+", "1.5.5", "1.5f", "1.5 5", "one")
	fits("V-DBL-3", CO2, "double", "1e300", d("1"+strings.Repeat("0", 300)+".0"), "0.1", d("0.1"), "123456789.125", d("123456789.125"), "1e21", d("1000000000000000000000.0"),
		"1.7976931348623157e308", d("17976931348623157"+strings.Repeat("0", 292)+".0"), "4.35", d("4.35"), "0.30000000000000004", d("0.30000000000000004"))
	return fromEchoRows(rows)
}
