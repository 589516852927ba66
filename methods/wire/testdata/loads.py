#!/usr/bin/env python3
"""Tells what xmlrpc.client makes of documents: loads.py < DOCUMENTS

Each document on stdin comes after a line with its length in octets; each
answer on stdout is a line of JSON.
"""
import base64
import json
import struct
import sys
from datetime import datetime
from xmlrpc.client import Fault, loads


def tell(value):
    """The value with its XML-RPC type, as JSON can hold it."""
    match value:
        case None:
            return ["nil", ""]
        case bool():
            return ["boolean", str(int(value))]
        case int():
            return ["int", str(value)]
        case float():
            return ["double", struct.pack(">d", value).hex()]
        case str():
            return ["string", value]
        case bytes():
            return ["base64", base64.b64encode(value).decode()]
        case datetime():
            return ["dateTime.iso8601", value.isoformat()]
        case dict():
            return ["struct", [[name, tell(item)] for name, item in value.items()]]
    return ["array", [tell(item) for item in value]]


for length in sys.stdin.buffer:
    document = sys.stdin.buffer.read(int(length))
    try:
        params, method = loads(document, use_builtin_types=True)
        answer = {"method": method, "params": tell(params)}
    except Fault as fault:
        answer = {"code": tell(fault.faultCode), "text": tell(fault.faultString)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
