"""Asks a Marco on this host as the Python binding of MarcoPolo 0.1.7 does.

usage: marco_binding.py ADDR PORT TIMEOUT_MS CALL...

A CALL is a call of JSON: ["marco", {"max_nodes": 1}], ["request_for",
"printer", {}] or ["services", "127.0.0.1", {}]. All go through one socket, one
after the other, and wait for twice the time. One line of JSON is printed for
each: the list, or {"raised": NAME}.
"""
import json
import socket
import sys


class Marco(object):
    def __init__(self, door, timeout):
        self.door, self.timeout = door, timeout
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(2 * timeout / 1000.0)

    def ask(self, request):
        self.socket.sendto(json.dumps(request).encode("utf-8"), self.door)
        return json.loads(self.socket.recv(4096).decode("utf-8"))

    def marco(self, max_nodes=None, exclude=[], params={}, timeout=None, group="224.0.0.112"):
        return nodes(self.ask({"Command": "Marco", "max_nodes": max_nodes, "exclude": exclude, "params": params,
                               "timeout": timeout or self.timeout, "group": group}))

    def request_for(self, service, node=None, max_nodes=None, exclude=[], params={}, timeout=None):
        return nodes(self.ask({"Command": "Request-for", "Params": service, "node": node, "max_nodes": max_nodes,
                               "exclude": exclude, "params": params, "timeout": timeout or self.timeout}))

    def services(self, node, timeout=None):
        return self.ask({"Command": "Services", "node": node, "timeout": timeout or self.timeout})


def nodes(answer):
    return sorted([node["Address"], node["Params"]] for node in answer)  # an object makes this raise TypeError


marco = Marco((sys.argv[1], int(sys.argv[2])), int(sys.argv[3]))
for call in sys.argv[4:]:
    call = json.loads(call)
    try:
        result = getattr(marco, call[0])(*call[1:-1], **call[-1])
    except Exception as e:
        result = {"raised": type(e).__name__}
    print(json.dumps(result, sort_keys=True))
