#!/usr/bin/env python3
"""Sends one struct with a value of every type Python can send: send_every_type.py RELAY_URL PORT"""
import sys
from xmlrpc.client import Binary, DateTime, ServerProxy

relay = ServerProxy(sys.argv[1], allow_none=True).relay
me = relay.register({"port": int(sys.argv[2]), "nick": "python", "notify_pass": 7})
data = {
    "int": -42, "double": 0.1, "whole": 2.0, "yes": True, "no": False,
    "text": " a<b & c>d ]]> \u00e9 \u20ac \U0001f600\t'\" ", "empty": "",
    "date": DateTime("19980717T14:08:55"), "binary": Binary(bytes(range(256))), "nil": None,
    "array": [1, "two", [3.5, []], {}], "struct": {"": {}, "a b<&>": {"deep": [None]}},
}
assert relay.relay({"host_id": me, "data": data}) == "OK"
relay.deregister({"host_id": me})
