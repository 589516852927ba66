module co2/testdata/bench

go 1.26.0

require (
	co2 v0.0.0
	github.com/kolo/xmlrpc v0.0.0-20220921171641-a4b6fa1dd06b
	golang.org/x/sys v0.49.0
)

require golang.org/x/text v0.43.0 // indirect

replace co2 => ../..
