#!/usr/bin/env python3
"""Calls every method a co2 server lists: every_method.py SERVER_URL [PORT_TO_REGISTER]

Prints a line for each. Fails when a method is listed that it has no call for.
"""
import sys
from xmlrpc.client import Fault, MultiCall, ServerProxy

server = ServerProxy(sys.argv[1], allow_none=True)
port = int((sys.argv[2:] + ["0"])[0])
me = server.relay.register({"port": port, "nick": "python"}) if port else ""
other = server.relay.register({"port": 1}) if port else ""
ID = {"host_id": me}


def is_ok(answer):
    return answer == "OK"


def is_props(answer):
    return answer["host_id"] == me and answer["nick"] == "python"


def has(*keys):
    return lambda answer: all(key in answer for key in keys)


def lists(item):
    return lambda answer: item in answer


# operation, without namespace -> params, check of the answer
CALLS = {
    "ping": ([], is_ok),
    "test": ([{"n": 1}], lambda answer: answer == {"n": 1}),
    "call_method": ([{"method_name": "test", "data": [1, None]}], lambda answer: answer == [1, None]),
    "method_call": ([{"method_name": "ping"}], is_ok),
    "listMethods": ([], lists("ping")),
    "get_method_names": ([], lists("ping")),
    "methodHelp": (["ping"], lists("alive")),
    "get_method_help": (["ping"], lists("alive")),
    "methodSignature": (["ping"], lambda answer: answer == [["string"], ["string", "undef"]] or "args" in answer),
    "get_method_signature": (["ping"], has("args", "args_d", "args_v", "args_kw")),
    "get_properties": ([{}], has("co2_version", "uptime", "server_time", "plugins")),
    "multicall": ([[{"methodName": "ping", "params": []}]], lambda answer: answer == [["OK"]]),
    "getCapabilities": ([], has("xmlrpc", "introspection", "system.multicall")),
    "register": ([{"port": port, "nick": "python", "plugins": ["a.b"], "notify_pass": "s"}], lambda answer: answer == me),
    "relay": ([{"host_id": me, "data": {"tempo": 120}}], is_ok),
    "deregister": ([ID], is_ok),
    "pause": ([{"host_id": me, "reason": "to see"}], is_ok),
    "resume": ([ID], is_ok),
    "pin": ([ID], is_ok),
    "unpin": ([ID], is_ok),
    "send_ping": ([ID], is_ok),
    "remove": ([{"host_id": other}], is_ok),
    "get_max_satellites": ([], lambda answer: answer > 0),
    "get_limits": ([], lambda answer: answer["satellites"]["used"] > 0 and answer["data"]["limit"] == 1 << 20),
    "get_num_satellites": ([], lambda answer: answer > 0),
    "get_satellites": ([], lists(me)),
    "get_satellite_props": ([ID], is_props),
    "get_satellite": ([ID], is_props),
    "get_satellite_props_raw": ([ID], is_props),
    "get_satellite_ctime": ([ID], lambda answer: isinstance(answer, float) and answer > 1e9),
    "info": ([{"service": "co2-relay"}], lambda answer: answer["params"]["path"] == "/RPC2"),
    "list": ([], lambda answer: "co2-relay" in [service["id"] for service in answer]),
    "publish": ([{"service": "printer", "params": {"port": 9100, "color": True}}], lambda answer: answer == "printer"),
    "reload": ([], is_ok),
    "stats": ([], has("answered", "trouble")),
    "unpublish": ([{"service": "printer"}], is_ok),
    "notify": ([{"host_id": me, "data": 1}], lambda answer: "notify_pass" in answer),
}

names = server.system.listMethods()
for name in sorted(names, key=lambda name: (name == "relay.deregister", name)):
    operation = name.rpartition(".")[2]
    if operation not in CALLS:
        sys.exit(f"{name} is listed, and this script has no call for it")
    params, right = CALLS[operation]
    try:
        answer = getattr(server, name)(*params)
    except Fault as fault:
        if name != "notify":  # only the relay has the password
            raise
        answer = fault.faultString
    if not right(answer):
        sys.exit(f"{name} answered {answer!r}")
    print(name)

calls = MultiCall(server)
calls.ping()
calls.test({"x": [1.5]})
if list(calls()) != ["OK", {"x": [1.5]}]:
    sys.exit("system.multicall answered something else")
