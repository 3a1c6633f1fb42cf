"""Reads messages and their JSON with Google's protobuf for Python: the second opinion on our own encoder and printer.

usage: protobuf_peer.py SET     a set of descriptors; standard input has a line a message, a JSON array: full name, JSON, our encoding of it
                                in hexadecimal. Prints a line for each: the encoding of the JSON, its JSON, and the JSON of our encoding.
"""
import json
import sys

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2, empty_pb2, field_mask_pb2  # noqa: F401
from google.protobuf import json_format, message_factory, struct_pb2, timestamp_pb2, wrappers_pb2  # noqa: F401

with open(sys.argv[1], "rb") as file:
    files = descriptor_pb2.FileDescriptorSet.FromString(file.read())

pool = descriptor_pool.Default()
for proto in files.file:
    if not proto.name.startswith("google/protobuf/"):
        pool.Add(proto)

classes = {}


def of(name):
    if name not in classes:
        classes[name] = message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName(name))
    return classes[name]


for line in sys.stdin:
    name, text, wire = json.loads(line)
    theirs = json_format.Parse(text, of(name)())
    ours = of(name).FromString(bytes.fromhex(wire))
    print(json.dumps([theirs.SerializeToString().hex(), json_format.MessageToJson(theirs), json_format.MessageToJson(ours)]))
