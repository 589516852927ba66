#!/usr/bin/env python3
"""Joins a co2 network and prints what it says: satellite.py [RELAY_URL [NICK [TEXT_TO_SEND]]]"""
import re, secrets, signal, socket, sys
from urllib.parse import urlsplit
from xmlrpc.client import Binary, DateTime, Fault, ServerProxy
from xmlrpc.server import SimpleXMLRPCServer

Binary.__repr__ = lambda self: f"Binary({self.data!r})"
DateTime.__repr__ = lambda self: f"DateTime({self.value!r})"
url, nick, text = (sys.argv[1:] + ["http://127.0.0.1:2003", "", ""][len(sys.argv) - 1:])[:3]
if not re.fullmatch(r"https?://([\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}(/.*)?", url):
    sys.exit(f"{url!r} is no URL of a relay; want one like http://127.0.0.1:2003")
password = secrets.token_hex()

def notify(message):
    """Takes a message from the relay."""
    if not secrets.compare_digest(str(message.get("notify_pass")), password):
        raise Fault(1, "registry.Co2RegistryError:notify_pass is missing or wrong")
    print(message["host_id"], ascii(message["data"]), flush=True)
    return "OK"

with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)) as way:
    server = SimpleXMLRPCServer((way.getsockname()[0], 0), logRequests=False, allow_none=True)
server.register_introspection_functions()
server.register_function(lambda *_: "OK", "ping")
server.register_function(notify)
server.register_function(server.system_listMethods, "co2.get_method_names")
server.register_function(server.system_methodHelp, "co2.get_method_help")
server.register_function(lambda _: {"args": ["param_dict"], "args_d": {}, "args_v": [], "args_kw": []},
                         "co2.get_method_signature")

relay = ServerProxy(url, allow_none=True).relay
me = relay.register({"port": server.server_address[1], "nick": nick, "plugins": [], "notify_pass": password})
print("registered as", me, flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
try:
    if text:
        relay.relay({"host_id": me, "data": {"text": text}})
    server.serve_forever()
finally:
    try:
        relay.deregister({"host_id": me})
    except OSError as gone:
        print("the relay is away:", gone, file=sys.stderr)
