"""Python's own XML-RPC server with a thread for each connection, at its best:
HTTP/1.1, so that connections are kept, and nothing logged."""

import platform
import socketserver
import sys
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer


class Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"


class Server(socketserver.ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True
    request_queue_size = 256


server = Server(("127.0.0.1", 0), Handler, logRequests=False)
server.register_function(lambda: "OK", "ping")
server.register_function(lambda value: value, "test")
print(f"Python {platform.python_version()} at http://127.0.0.1:{server.server_address[1]}/", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit(0)
