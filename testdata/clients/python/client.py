"""Drives Python's own xmlrpc.client and xmlrpc.server."""
import datetime, platform, sys, threading
from xmlrpc.client import Fault, MultiCall, ServerProxy, Transport
from xmlrpc.server import SimpleXMLRPCServer

VALUES = {
    "int": [2147483647],
    "negative": [-2147483648],
    "i8": [9007199254740991],
    "boolean": [True, False],
    "string": ["hello"],
    "markup": ["a<b>&\"c'", "]]>"],
    "unicode": ["é 日本"],
    "astral": ["😀"],
    "empty-string": [""],
    "spaces": ["  a\nb  "],
    "double": [0.1, -1234.0625],
    "datetime": [datetime.datetime(1998, 7, 17, 14, 8, 55)],
    "base64": [bytes(range(256))],
    "array": [[1, "two", True]],
    "empty-array": [[]],
    "struct": [{"one": 1, "two": "zwei"}],
    "empty-struct": [{}],
    "nested": [{"list": [{"deep": [1, [2, []]]}, "x"], "struct": {"inner": {"n": -1}}}],
    "nil": [None],
}


class Gzip(Transport):
    encode_threshold = 750  # octets; only multicall is longer


def echo(server, values):
    for value in values:
        got = server.test(value)
        if (type(got), got) != (type(value), value):
            raise ValueError(f"{value!r} came back as {got!r}")


def lists(server):
    names = server.system.listMethods()
    if not {"ping", "relay.register"} <= set(names):
        raise ValueError(f"listed are {names}")


def fault(server):
    try:
        got = server.no.such()
    except Fault as fault:
        if fault.faultCode == -32601:
            return
        raise
    raise ValueError(f"no fault, but {got!r}")


def multicall(server):
    calls = MultiCall(server)
    calls.ping()
    calls.test("x")
    calls.no.such()
    results = calls()
    if (results[0], results[1]) != ("OK", "x"):
        raise ValueError(f"results are {results.results!r}")
    try:
        got = results[2]
    except Fault as fault:
        if fault.faultCode == -32601:
            return
        raise
    raise ValueError(f"no fault, but {got!r}")


def check(name, run, *args):
    try:
        run(*args)
    except OverflowError as limit:  # "int exceeds XML-RPC limits", before anything is sent
        print("na", name, limit, flush=True)
    except Exception as failure:
        print("no", name, repr(failure), flush=True)
    else:
        print("ok", name, flush=True)


def calls(url):
    print("version Python", platform.python_version(), flush=True)
    server = ServerProxy(url, transport=Gzip(use_builtin_types=True), allow_none=True)
    for name, values in VALUES.items():
        check(name, echo, server, values)
    check("list", lists, server)
    check("fault", fault, server)
    check("multicall", multicall, server)


def satellite(url):
    server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)

    def notify(message):
        print("notify", message["host_id"], message["data"]["text"], flush=True)
        return "OK"

    server.register_function(notify)
    server.register_function(lambda: "OK", "ping")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    relay = ServerProxy(url).relay
    me = relay.register({"port": server.server_address[1], "nick": "python"})
    print("registered", me, flush=True)
    sys.stdin.read()


{"calls": calls, "satellite": satellite}[sys.argv[1]](sys.argv[2])
