"""Asks a Marco on this host as the C++ and Java bindings of MarcoPolo do: with
their bytes, a buffer of 2048, and their readiness to break off.

usage: marco_framing.py ADDR PORT TIMEOUT_MS cpp|java [SERVICE]

The number of nodes is printed, and how many have params.
"""
import json
import socket
import sys

door, timeout, kind, service = (sys.argv[1], int(sys.argv[2])), int(sys.argv[3]), sys.argv[4], sys.argv[5:]
command = '"Command":"Request-for","Params":%s' % json.dumps(service[0]) if service else '"Command":"Marco"'
if kind == "cpp":
    request = '{%s,"max_nodes":0,"exclude":[],"timeout":%d,"group":"224.0.0.112"}' % (command, timeout)
    wait = 2.0
else:
    request = '{%s,"max-nodes":0,"exclude":[],"params":{},"timeout":%d,"group":"224.0.0.112"}' % (command, timeout)
    wait = 1.4
asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asker.settimeout(wait * timeout / 1000.0)
asker.sendto(request.encode("ascii"), door)
answer = json.loads(asker.recv(2048).decode("ascii"))  # what is longer is cut, and no JSON
assert isinstance(answer, list), answer
for node in answer:
    assert isinstance(node["Address"], str) and isinstance(node["Params"], dict), node
    for value in node["Params"].values():
        assert kind == "java" or isinstance(value, str), node
print(len(answer), sum(1 for node in answer if node["Params"]))
