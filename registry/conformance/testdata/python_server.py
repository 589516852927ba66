#!/usr/bin/env python3
"""Python's own XML-RPC server with a test method, for the conformance suite.

Prints the port it listens on, and serves until its standard input ends.
"""
import sys
import threading
from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCServer


class Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), logRequests=False, allow_none=True)
server.register_introspection_functions()
server.register_multicall_functions()
server.register_function(lambda *params: params[0] if params else {}, "test")
server.register_function(lambda struct: struct["moe"] + struct["larry"] + struct["curly"], "validator1.easyStructTest")
server.register_function(lambda *params: list(params), "validator1.manyTypesTest")
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
