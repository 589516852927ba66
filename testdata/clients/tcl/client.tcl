# The xmlrpc package of Tcl as a client of co2: client.tcl calls|satellite URL
package require xmlrpc

# The package counts characters for Content-Length and writes to the socket in
# the system's encoding: UTF-8 has to be made before and read after it.
encoding system iso8859-1
fconfigure stdout -encoding utf-8 -buffering line
proc sent text { encoding convertto utf-8 $text }
proc read_in text { encoding convertfrom utf-8 $text }

proc call {method args} {
    global url
    # The package tells a failure's reason on stderr only.
    if {[catch {xmlrpc::call $url RPC2 $method $args} answer]} {
        error "xmlrpc::call failed $answer"
    }
    return [lindex $answer 1]
}

proc member {key list} { lindex [xmlrpc::assoc $key $list] 1 }

# A failed check ends with an error that tells why.
proc check {name script} {
    if {[catch $script why]} {
        puts "no $name [regsub -all {\s+} $why { }]"
    } else {
        puts "ok $name"
    }
}

proc want {good got} {
    if {!$good} { error "got $got" }
}

# echo sends typed values and expects of each what the package makes of it: the value without its type.
proc echo {args} {
    foreach {typed expected} $args {
        set got [call test $typed]
        want [expr {$got eq $expected}] $got
    }
}

proc values {} {
    check int { echo {int 2147483647} 2147483647 }
    check negative { echo {int -2147483648} -2147483648 }
    puts "na i8 the package has no such type"
    check boolean { echo {boolean 1} 1 {boolean 0} 0 }
    check string { echo {string hello} hello }
    check markup { foreach text [list a<b>&\"c' {]]>}] { echo [list string $text] $text } }
    check unicode { set text [sent "\u00e9 \u65e5\u672c"]; echo [list string $text] $text }
    # Tcl 8.6 knows a character beyond U+FFFF only as two surrogates.
    check astral { set text [sent "\ud83d\ude00"]; echo [list string $text] $text }
    check empty-string { echo {string {}} {} }
    check spaces { echo [list string "  a\nb  "] "  a\nb  " }
    check double { echo {double 0.1} 0.1 {double -1234.0625} -1234.0625 }
    check datetime { echo {dateTime.iso8601 19980717T14:08:55} 19980717T14:08:55 }
    check base64 { echo [list base64 [binary encode base64 $::octets]] [binary encode base64 $::octets] }
    check array { echo {array {{int 1} {string two} {boolean 1}}} {1 two 1} }
    check empty-array { echo {array {}} {} }
    check struct {
        # The package sends members in the order of its hash table.
        set got [lsort [call test {struct pair}]]
        want [expr {$got eq {{one 1} {two zwei}}}] $got
    }
    check empty-struct { echo {struct nothing} {} }
    check nested { echo {struct outer} {{list {{{deep {1 {2 {}}}}} x}} {struct {{inner {{n -1}}}}}} }
    puts "na nil the package has no such type"
}

# The structs above, by the names under which the package finds them.
array set pair { one {int 1} two {string zwei} }
array set nothing {}
array set deep { deep {array {{int 1} {array {{int 2} {array {}}}}}} }
array set n { n {int -1} }
array set inner { inner {struct n} }
array set outer { list {array {{struct deep} {string x}}} struct {struct inner} }
set octets {}
for {set i 0} {$i < 256} {incr i} { append octets [binary format c $i] }

array set ping { methodName {string ping} params {array {}} }
array set test { methodName {string test} params {array {{string x}}} }
array set none { methodName {string no.such} params {array {}} }

proc calls {} {
    puts "version xmlrpc [package present xmlrpc] on Tcl [info patchlevel]"
    values
    check list {
        set names [call system.listMethods]
        want [expr {"relay.register" in $names && "ping" in $names}] $names
    }
    # A fault is the struct of a fault to this package.
    check fault {
        set fault [call no.such]
        want [expr {[member faultCode $fault] eq "-32601"}] $fault
    }
    check multicall {
        set got [call system.multicall {array {{struct ping} {struct test} {struct none}}}]
        want [expr {[llength $got] == 3 && [lrange $got 0 1] eq "OK x"}] $got
        want [expr {[member faultCode [lindex $got 2]] eq "-32601"}] $got
    }
}
# The package calls the global procedure of a method's name.
proc ping args { return {string OK} }
proc notify message {
    set text [member text [member data $message]]
    puts "notify [member host_id $message] [read_in $text]"
    return {string OK}
}

proc satellite {} {
    # xmlrpc::serve would listen on every interface.
    set door [socket -server xmlrpc::serveOnce -myaddr 127.0.0.1 0]
    set ::registration(port) [list int [lindex [fconfigure $door -sockname] 2]]
    set ::registration(nick) {string tcl}
    puts "registered [call relay.register {struct registration}]"
    fconfigure stdin -blocking 0
    fileevent stdin readable { read stdin; if {[eof stdin]} exit }
    vwait forever
}

lassign $argv mode url
$mode
