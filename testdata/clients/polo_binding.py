"""Publishes, finds and unpublishes services of this host, speaking to its Polo
as the Python binding and the Marco of MarcoPolo 0.1.7 do, byte by byte.

usage: polo_binding.py POLO_PORT WIRE_PORT HOME CALL...

POLO_PORT is that of the TLS door on 127.0.0.1, WIRE_PORT that of the groups,
which are asked over loopback, and HOME is where .polo/token is. A CALL is a
call of JSON, such as ["publish_service", "a", {"params": {"n": 1}}],
["unpublish_service", "alice:a", {}], ["get_token", {}], ["send", "{}", {}],
["marco", {}] or ["request_for", "alice:a", {}]. All publishing goes through
one connection. One line of JSON is printed for each: the result, null if no
node has answered, or {"raised": NAME, "text": TEXT}.
"""
import json
import os
import socket
import ssl
import sys

TIMEOUT = 4  # seconds
GROUPS = ["224.0.0.112", "224.0.0.113"]


class PoloException(Exception):
    """What was asked for cannot be."""


class PoloInternalException(Exception):
    """The Polo does not answer, or not in a way that can be understood."""


class Polo(object):
    def __init__(self, port, home):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # there was no other
        self.socket = context.wrap_socket(socket.socket())
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(("127.0.0.1", port))
        self.token_file = os.path.join(home, ".polo/token")

    def get_token(self):
        if not os.path.isfile(self.token_file):
            if "Error" in self.ask("Request-token", {"uid": os.geteuid()}):
                return ""
        try:
            with open(self.token_file) as f:
                return f.read()
        except IOError:
            return ""

    def send(self, text):
        self.socket.send(text.encode("utf-8"))
        data = self.socket.recv()  # one read, of up to 1024 bytes, is the whole reply
        try:
            return json.loads(data.decode("utf-8"))
        except ValueError:
            raise PoloInternalException("no JSON: %r" % data)

    def ask(self, command, args):
        return self.send(json.dumps({"Command": command, "Args": args}, allow_nan=False))

    def order(self, doing, command, args):
        reply = self.ask(command, args)
        if reply.get("OK") is not None:
            return reply["OK"]
        if reply.get("Error") is not None:
            raise PoloException("Error in %s: '%s'" % (doing, reply["Error"]))
        raise PoloInternalException("neither OK nor Error")

    def publish_service(self, service, params={}, multicast_groups=GROUPS, permanent=False, root=False):
        return self.order("publishing " + service, "Register", {
            "token": self.get_token(), "service": service, "params": params,
            "multicast_groups": multicast_groups, "permanent": permanent, "root": root})

    def unpublish_service(self, service, multicast_groups=GROUPS, delete_file=False):
        return self.order("unpublishing " + service, "Unpublish", {
            "token": self.get_token(), "service": service, "multicast_groups": multicast_groups,
            "delete_file": delete_file, "uid": os.geteuid()})


class Marco(object):
    def __init__(self, port):
        self.port = port

    def seek(self, message, timeout, group):
        """Returns the address and the message of the first node that answers."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            s.settimeout(timeout)
            s.sendto(json.dumps(message).encode("utf-8"), (group, self.port))
            try:
                reply, node = s.recvfrom(4096)
            except socket.timeout:
                return None
            return [node[0], json.loads(reply.decode("utf-8"))]

    def marco(self, timeout=TIMEOUT, group=GROUPS[0]):
        return self.seek({"Command": "Marco"}, timeout, group)

    def request_for(self, service, timeout=TIMEOUT, group=GROUPS[0]):
        return self.seek({"Command": "Request-For", "Params": service}, timeout, group)


doors = [Polo(int(sys.argv[1]), sys.argv[3]), Marco(int(sys.argv[2]))]
for call in sys.argv[4:]:
    call = json.loads(call)
    door = next(d for d in doors if hasattr(d, call[0]))
    try:
        result = getattr(door, call[0])(*call[1:-1], **call[-1])
    except Exception as e:
        result = {"raised": type(e).__name__, "text": str(e)}
    print(json.dumps(result, sort_keys=True), flush=True)
