"""The server of the gRPC interoperability cases (grpc/grpc doc/interop-test-descriptions.md) that our unary driver is tested against: Python on the C core.

usage: python_server.py PROTO_DIR     prints "listening PORT"; when standard input ends: "seen CALLS cancelled CALLS".
"""
import os
import sys
import tempfile
import threading
from concurrent import futures

import grpc
from grpc_tools import protoc

generated = tempfile.mkdtemp()
protoc.main(["", "-I" + sys.argv[1], "--python_out=" + generated, "--grpc_python_out=" + generated, "interop/test.proto"])
sys.path.insert(0, generated)
from interop import test_pb2 as pb
from interop import test_pb2_grpc as rpc

CODES = {code.value[0]: code for code in grpc.StatusCode}


class Service(rpc.TestServiceServicer):
    def __init__(self):
        self.lock = threading.Lock()
        self.seen = 0
        self.cancelled = 0

    # What every call of ours carries comes back: in the headers, and in the trailers as bytes.
    def begin(self, context, compressed=False):
        with self.lock:
            self.seen += 1
        if compressed:
            context.set_compression(grpc.Compression.Gzip)
        run = dict(context.invocation_metadata()).get("x-spikebench-run", "")
        context.send_initial_metadata([("x-grpc-test-echo-initial", run)])
        context.set_trailing_metadata([("x-grpc-test-echo-trailing-bin", run.encode())])
        return run

    def EmptyCall(self, request, context):
        self.begin(context)
        return pb.Empty()

    def UnaryCall(self, request, context):
        run = self.begin(context, request.response_compressed.value)
        if request.response_status.code:
            context.abort(CODES[request.response_status.code], request.response_status.message)
        reply = pb.SimpleResponse(payload=pb.Payload(body=b"\0" * request.response_size))
        if request.fill_username:
            reply.username = run
        return reply

    def StreamingOutputCall(self, request, context):
        self.begin(context)
        gone = threading.Event()
        context.add_callback(gone.set)
        for wanted in request.response_parameters:
            if wanted.interval_us and gone.wait(wanted.interval_us / 1e6):
                with self.lock:
                    self.cancelled += 1
                return
            yield pb.StreamingOutputCallResponse(payload=pb.Payload(body=b"\0" * wanted.size))


service = Service()
server = grpc.server(futures.ThreadPoolExecutor(max_workers=64), options=[("grpc.so_reuseport", 0)])
rpc.add_TestServiceServicer_to_server(service, server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print("listening", port, flush=True)
sys.stdin.read()
print("seen", service.seen, "cancelled", service.cancelled, flush=True)
os._exit(0)
