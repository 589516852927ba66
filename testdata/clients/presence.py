#!/usr/bin/env python3
"""Joins a co2 network and prints who comes and goes: presence.py [RELAY_URL [NICK]]"""
import secrets, signal, sys
from urllib.parse import urlsplit
from xmlrpc.client import Fault, ServerProxy
from xmlrpc.server import SimpleXMLRPCServer

url, nick = (sys.argv[1:] + ["http://127.0.0.1:2003", ""][len(sys.argv) - 1:])[:2]
password = secrets.token_hex()

def notify(message):
    """Takes messages from the relay, and its notices of presence."""
    if not secrets.compare_digest(str(message.get("notify_pass")), password):
        raise Fault(1, "registry.Co2RegistryError:notify_pass is missing or wrong")
    data = message["data"]
    if message.get("co2_event"):  # beside data, where only the relay can put it
        print(data["event"], data["host_id"], data["nick"], data["time"].value, ascii(data["reason"]), flush=True)
    else:
        print("message", message["host_id"], ascii(data), flush=True)
    return "OK"

server = SimpleXMLRPCServer((urlsplit(url).hostname, 0), logRequests=False, allow_none=True)
server.register_introspection_functions()
server.register_function(lambda *_: "OK", "ping")
server.register_function(notify)
relay = ServerProxy(url).relay
me = relay.register({"port": server.server_address[1], "nick": nick, "plugins": [], "notify_pass": password,
                     "presence": True})
print("registered as", me, flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
server.serve_forever()
