#!/usr/bin/env python3
"""A satellite on Python's server as it comes, without allow_none: strict_satellite.py RELAY_URL DIALECT

Its notify answers with the data it got, so it cannot take what Python's marshaller cannot give back."""
import sys
from xmlrpc.client import ServerProxy
from xmlrpc.server import SimpleXMLRPCServer

def notify(message):
    print("notify", ascii(message["data"]), flush=True)
    return message["data"]

server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, use_builtin_types=True)
server.register_function(lambda *_: "OK", "ping")
server.register_function(notify)
me = ServerProxy(sys.argv[1]).relay.register({"port": server.server_address[1], "dialect": sys.argv[2]})
print("registered as", me, flush=True)
server.serve_forever()
