# A satellite on the xmlrpc package of Tcl: strict_satellite.tcl RELAY_URL DIALECT
package require xmlrpc
fconfigure stdout -encoding utf-8 -buffering line

# The package calls the global procedure of a method's name.
proc ping args { return {string OK} }
proc notify message {
    puts "notify [lindex [xmlrpc::assoc data $message] 1]"
    return {string OK}
}

lassign $argv url dialect
# xmlrpc::serve would listen on every interface.
set door [socket -server xmlrpc::serveOnce -myaddr 127.0.0.1 0]
array set registration [list port [list int [lindex [fconfigure $door -sockname] 2]] dialect [list string $dialect]]
puts "registered as [lindex [xmlrpc::call $url RPC2 relay.register {{struct registration}}] 1]"
vwait forever
