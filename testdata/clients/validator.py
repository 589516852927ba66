#!/usr/bin/env python3
"""Calls the eight methods of the XML-RPC validator: validator.py SERVER_URL [SEED]

Makes up the params anew each time, computes the results itself, and prints
the name of each method that agreed. It fails at the first that did not.
"""
import random
import sys
from datetime import datetime
from xmlrpc.client import Binary, DateTime, Fault, ServerProxy

seed = int((sys.argv[2:] + [random.randrange(1 << 32)])[0])
rng = random.Random(seed)
server = ServerProxy(sys.argv[1]).validator1


def number():
    return rng.randint(-(1 << 31), (1 << 31) - 1)


def text(alphabet="<>&'\"ab \n\té€😀", longest=200):
    return "".join(rng.choices(alphabet, k=rng.randint(1, longest)))


def stooges():
    numbers = {name: number() for name in ("moe", "larry", "curly", *(text(longest=3) + "+" for _ in range(3)))}
    return dict(rng.sample(sorted(numbers.items()), len(numbers)))


def total(struct):
    return struct["moe"] + struct["larry"] + struct["curly"]


def calendar():
    return {str(year): {f"{month:02}": {f"{day:02}": {} for day in range(1, 29)} for month in range(1, 13)} for year in (1999, 2000, 2001)}


def check(name, want, *params):
    got = getattr(server, name)(*params)
    if got != want:
        sys.exit(f"{name}{params} = {got!r}, want {want!r} (seed {seed})")
    print("validator1." + name)


structs = [stooges() for _ in range(rng.randint(1, 40))]
check("arrayOfStructsTest", sum(s["curly"] for s in structs), structs)

entities = text()
check("countTheEntities", {
    "ctLeftAngleBrackets": entities.count("<"), "ctRightAngleBrackets": entities.count(">"),
    "ctAmpersands": entities.count("&"), "ctApostrophes": entities.count("'"), "ctQuotes": entities.count('"'),
}, entities)

struct = stooges()
check("easyStructTest", total(struct), struct)

struct = {"a": [text(), number(), {"b": True, "": 0.5}], text(longest=9) + ">": Binary(rng.randbytes(99))}
check("echoStructTest", struct, struct)

six = [number(), rng.random() < 0.5, text(), rng.uniform(-1e9, 1e9), DateTime(datetime(2000, 4, rng.randint(1, 30), 23, 59, 1)), Binary(rng.randbytes(300))]
check("manyTypesTest", six, *six)

strings = [text(longest=20) for _ in range(rng.randint(100, 200))]
check("moderateSizeArrayCheck", strings[0] + strings[-1], strings)

days = calendar()
days["2000"]["04"]["01"] = stooges()
check("nestedStructTest", total(days["2000"]["04"]["01"]), days)

n = rng.randint(-2147483, 2147483)
check("simpleStructReturnTest", {"times10": 10 * n, "times100": 100 * n, "times1000": 1000 * n}, n)

try:
    server.manyTypesTest(1, True)
    sys.exit("manyTypesTest took two params")
except Fault as fault:
    if fault.faultCode != -32602:
        raise
