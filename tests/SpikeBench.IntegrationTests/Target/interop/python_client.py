"""The gRPC interoperability cases (grpc/grpc doc/interop-test-descriptions.md), spoken by Python on the C core.

usage: python_client.py HOST:PORT PROTO_DIR [CA_PEM]     prints PASS case or FAIL case: why, one line each.
"""
import sys
import tempfile
import time

import grpc
from grpc_tools import protoc

address, proto_dir = sys.argv[1], sys.argv[2]
generated = tempfile.mkdtemp()
protoc.main(["", "-I" + proto_dir, "--python_out=" + generated, "--grpc_python_out=" + generated,
             "interop/test.proto", "grpc/health.proto", "grpc/reflection.proto", "grpc/reflection_v1alpha.proto", "messenger.proto"])
# "grpc/" would hide the grpc package itself: its generated files are imported by path.
sys.path.insert(0, generated)
sys.path.insert(0, generated + "/interop")
import importlib.util


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, generated + "/" + path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


from interop import test_pb2 as pb
from interop import test_pb2_grpc as rpc
import messenger_pb2 as chat
import messenger_pb2_grpc as messenger
health_pb2 = load("health_pb2", "grpc/health_pb2.py")
reflection = {"v1": load("reflection_pb2", "grpc/reflection_pb2.py"),
              "v1alpha": load("reflection_v1alpha_pb2", "grpc/reflection_v1alpha_pb2.py")}

OPTIONS = [("grpc.max_receive_message_length", -1)]
if len(sys.argv) > 3:
    credentials = grpc.ssl_channel_credentials(open(sys.argv[3], "rb").read())
    channel = grpc.secure_channel(address, credentials, options=OPTIONS)
else:
    channel = grpc.insecure_channel(address, options=OPTIONS)
stub = rpc.TestServiceStub(channel)
LIMIT = 30


def payload(size):
    return pb.Payload(body=b"\0" * size)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def expect_status(code, details, call):
    try:
        call()
    except grpc.RpcError as error:
        expect(error.code() == code, f"code {error.code()}, not {code}: {error.details()}")
        expect(details is None or error.details() == details, f"details {error.details()!r}")
        return error
    raise AssertionError("no error")


def empty_unary():
    expect(stub.EmptyCall(pb.Empty(), timeout=LIMIT) == pb.Empty(), "not empty")


def large_unary():
    reply = stub.UnaryCall(pb.SimpleRequest(response_size=314159, payload=payload(271828)), timeout=LIMIT)
    expect(reply.payload.body == b"\0" * 314159, "payload")


def client_compressed_unary():
    for compression, flag in ((grpc.Compression.Gzip, True), (grpc.Compression.NoCompression, False)):
        request = pb.SimpleRequest(response_size=314159, payload=payload(271828), expect_compressed=pb.BoolValue(value=flag))
        reply = stub.UnaryCall(request, timeout=LIMIT, compression=compression)
        expect(len(reply.payload.body) == 314159, "payload")
    probe = pb.SimpleRequest(payload=payload(10), expect_compressed=pb.BoolValue(value=True))
    expect_status(grpc.StatusCode.INVALID_ARGUMENT, None,
                  lambda: stub.UnaryCall(probe, timeout=LIMIT, compression=grpc.Compression.NoCompression))


def server_compressed_unary():
    for flag in (True, False):
        request = pb.SimpleRequest(response_size=314159, payload=payload(271828), response_compressed=pb.BoolValue(value=flag))
        reply = stub.UnaryCall(request, timeout=LIMIT)
        expect(len(reply.payload.body) == 314159, "payload")


SIZES_IN = (27182, 8, 1828, 45904)
SIZES_OUT = (31415, 9, 2653, 58979)


def client_streaming():
    reply = stub.StreamingInputCall((pb.StreamingInputCallRequest(payload=payload(n)) for n in SIZES_IN), timeout=LIMIT)
    expect(reply.aggregated_payload_size == 74922, reply.aggregated_payload_size)


def client_compressed_streaming():
    # The sizes of the description; the C core would send messages of a few bytes as they are.
    requests = (pb.StreamingInputCallRequest(payload=payload(n), expect_compressed=pb.BoolValue(value=True)) for n in (27182, 45904))
    reply = stub.StreamingInputCall(requests, timeout=LIMIT, compression=grpc.Compression.Gzip)
    expect(reply.aggregated_payload_size == 73086, reply.aggregated_payload_size)


def server_streaming():
    request = pb.StreamingOutputCallRequest(response_parameters=[pb.ResponseParameters(size=n) for n in SIZES_OUT])
    sizes = [len(r.payload.body) for r in stub.StreamingOutputCall(request, timeout=LIMIT)]
    expect(sizes == list(SIZES_OUT), sizes)


def server_compressed_streaming():
    request = pb.StreamingOutputCallRequest(response_parameters=[
        pb.ResponseParameters(size=31415, compressed=pb.BoolValue(value=True)),
        pb.ResponseParameters(size=92653, compressed=pb.BoolValue(value=False))])
    sizes = [len(r.payload.body) for r in stub.StreamingOutputCall(request, timeout=LIMIT)]
    expect(sizes == [31415, 92653], sizes)


def turn(size_in, size_out):
    return pb.StreamingOutputCallRequest(
        payload=payload(size_in), response_parameters=[pb.ResponseParameters(size=size_out)])


class Conversation:
    """A stream of requests that the test feeds by hand."""

    def __init__(self):
        import queue
        self.queue = queue.Queue()

    def __iter__(self):
        while (item := self.queue.get()) is not None:
            yield item


def ping_pong():
    talk = Conversation()
    replies = stub.FullDuplexCall(iter(talk), timeout=LIMIT)
    for size_in, size_out in zip(SIZES_IN, SIZES_OUT):
        talk.queue.put(turn(size_in, size_out))
        expect(len(next(replies).payload.body) == size_out, "payload")
    talk.queue.put(None)
    expect(list(replies) == [], "more replies")


def empty_stream():
    expect(list(stub.FullDuplexCall(iter(()), timeout=LIMIT)) == [], "replies")


def cancel_after_begin():
    talk = Conversation()
    call = stub.StreamingInputCall.future(iter(talk), timeout=LIMIT)
    call.cancel()
    talk.queue.put(None)
    expect(call.code() == grpc.StatusCode.CANCELLED, call.code())


def cancel_after_first_response():
    talk = Conversation()
    replies = stub.FullDuplexCall(iter(talk), timeout=LIMIT)
    talk.queue.put(turn(27182, 31415))
    expect(len(next(replies).payload.body) == 31415, "payload")
    replies.cancel()
    talk.queue.put(None)
    expect(replies.code() == grpc.StatusCode.CANCELLED, replies.code())


def timeout_on_sleeping_server():
    talk = Conversation()
    replies = stub.FullDuplexCall(iter(talk), timeout=0.001)
    talk.queue.put(pb.StreamingOutputCallRequest(payload=payload(27182)))
    expect_status(grpc.StatusCode.DEADLINE_EXCEEDED, None, lambda: list(replies))
    talk.queue.put(None)


METADATA = (("x-grpc-test-echo-initial", "test_initial_metadata_value"),
            ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab"))


def check_metadata(call):
    expect(("x-grpc-test-echo-initial", "test_initial_metadata_value") in call.initial_metadata(), "initial")
    expect(("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab") in call.trailing_metadata(), "trailing")


def custom_metadata():
    request = pb.SimpleRequest(response_size=314159, payload=payload(271828))
    _, call = stub.UnaryCall.with_call(request, timeout=LIMIT, metadata=METADATA)
    check_metadata(call)
    replies = stub.FullDuplexCall(iter([turn(271828, 314159)]), timeout=LIMIT, metadata=METADATA)
    expect(len(list(replies)) == 1, "replies")
    check_metadata(replies)


def status_code_and_message():
    status = pb.EchoStatus(code=2, message="test status message")
    expect_status(grpc.StatusCode.UNKNOWN, status.message,
                  lambda: stub.UnaryCall(pb.SimpleRequest(response_status=status), timeout=LIMIT))
    expect_status(grpc.StatusCode.UNKNOWN, status.message, lambda: list(
        stub.FullDuplexCall(iter([pb.StreamingOutputCallRequest(response_status=status)]), timeout=LIMIT)))


def special_status_message():
    message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP \U0001F608\t\n"
    expect_status(grpc.StatusCode.UNKNOWN, message, lambda: stub.UnaryCall(
        pb.SimpleRequest(response_status=pb.EchoStatus(code=2, message=message)), timeout=LIMIT))


def unimplemented_method():
    expect_status(grpc.StatusCode.UNIMPLEMENTED, None, lambda: stub.UnimplementedCall(pb.Empty(), timeout=LIMIT))


def unimplemented_service():
    other = rpc.UnimplementedServiceStub(channel)
    expect_status(grpc.StatusCode.UNIMPLEMENTED, None, lambda: other.UnimplementedCall(pb.Empty(), timeout=LIMIT))


# Beyond the interoperability cases: the services that go with the messenger.

def health():
    check = channel.unary_unary("/grpc.health.v1.Health/Check",
                                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                                response_deserializer=health_pb2.HealthCheckResponse.FromString)
    for name in ("", "spikebench.messenger.v1.Messenger"):
        expect(check(health_pb2.HealthCheckRequest(service=name), timeout=LIMIT).status == 1, name)
    expect_status(grpc.StatusCode.NOT_FOUND, None,
                  lambda: check(health_pb2.HealthCheckRequest(service="nobody"), timeout=LIMIT))
    watch = channel.unary_stream("/grpc.health.v1.Health/Watch",
                                 request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                                 response_deserializer=health_pb2.HealthCheckResponse.FromString)
    states = watch(health_pb2.HealthCheckRequest(), timeout=LIMIT)
    expect(next(states).status == 1, "watch")
    states.cancel()


def reflection_of(version):
    from google.protobuf import descriptor_pb2
    module = reflection[version]
    info = channel.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
                                 request_serializer=module.ServerReflectionRequest.SerializeToString,
                                 response_deserializer=module.ServerReflectionResponse.FromString)
    requests = [module.ServerReflectionRequest(list_services="*"),
                module.ServerReflectionRequest(file_containing_symbol="spikebench.messenger.v1.Messenger"),
                module.ServerReflectionRequest(file_containing_symbol="spikebench.messenger.v1.Messenger.Send"),
                module.ServerReflectionRequest(file_by_filename="messenger.proto"),
                module.ServerReflectionRequest(file_containing_symbol="no.Such")]
    replies = list(info(iter(requests), timeout=LIMIT))
    names = [s.name for s in replies[0].list_services_response.service]
    expect("spikebench.messenger.v1.Messenger" in names and f"grpc.reflection.{version}.ServerReflection" in names, names)
    for reply in replies[1:4]:
        file = descriptor_pb2.FileDescriptorProto.FromString(reply.file_descriptor_response.file_descriptor_proto[0])
        expect(file.name == "messenger.proto", file.name)
    expect(replies[4].error_response.error_code == 5, "unknown symbol")


def reflection_v1():
    reflection_of("v1")


def reflection_v1alpha():
    reflection_of("v1alpha")


def messenger_methods():
    import hashlib
    talk = messenger.MessengerStub(channel)
    room = int(time.time() * 1000)
    talk.CreateRooms(chat.CreateRoomsRequest(count=1, members=3), timeout=LIMIT)
    first = talk.Send(chat.SendRequest(sender="ann", room=room, text="새해 복 많이 받으세요"), timeout=LIMIT)
    group = talk.SendGroup(chat.SendRequest(sender="bob", room=room, text="and you"), timeout=LIMIT)
    expect(group.delivered == 3 and group.message_id > first.message_id, group)
    expect(len(talk.Login(chat.LoginRequest(user="ann", password="x"), timeout=LIMIT).session) > 0, "session")
    seen = [(m.sender, m.text) for m in talk.Sync(chat.SyncRequest(room=room), timeout=LIMIT)]
    expect(seen == [("ann", "새해 복 많이 받으세요"), ("bob", "and you")], seen)
    inbox = [m.message_id for m in talk.Sync(chat.SyncRequest(member=room * 3 + 1), timeout=LIMIT)]
    expect(inbox == [group.message_id], inbox)
    live = talk.Sync(chat.SyncRequest(room=room, after_id=first.message_id, live=True), timeout=LIMIT)
    expect(next(live).message_id == group.message_id, "live, stored before")
    unread = talk.MarkRead(chat.MarkReadRequest(reader="ann", room=room, up_to_id=first.message_id), timeout=LIMIT).unread
    expect(unread == 1, unread)

    ann, bob = Conversation(), Conversation()
    ann_hears, bob_hears = talk.Chat(iter(ann), timeout=LIMIT), talk.Chat(iter(bob), timeout=LIMIT)
    ann.queue.put(chat.SendRequest(sender="ann", room=room, text="1"))
    one = next(ann_hears).stored.message_id
    bob.queue.put(chat.SendRequest(sender="bob", room=room, text="2"))
    two = next(bob_hears).stored.message_id
    heard = next(ann_hears).message
    expect(two > one and (heard.message_id, heard.sender, heard.text) == (two, "bob", "2"), heard)
    expect([next(live).message_id, next(live).message_id] == [one, two], "live, stored after")
    live.cancel()
    ann.queue.put(None)
    bob.queue.put(None)
    expect(list(ann_hears) == [] and list(bob_hears) == [], "chat ends")

    data = [b"a" * 70000, b"b" * 10]
    upload = talk.Upload((chat.UploadChunk(data=d) for d in data), timeout=LIMIT)
    expect((upload.bytes, upload.chunks) == (70010, 2), upload)
    expect(upload.sha256 == hashlib.sha256(b"".join(data)).digest(), "sha256")


CASES = [empty_unary, large_unary, client_compressed_unary, server_compressed_unary, client_streaming,
         client_compressed_streaming, server_streaming, server_compressed_streaming, ping_pong, empty_stream,
         cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server, custom_metadata,
         status_code_and_message, special_status_message, unimplemented_method, unimplemented_service,
         health, reflection_v1, reflection_v1alpha, messenger_methods]

for case in CASES:
    try:
        case()
        print("PASS " + case.__name__, flush=True)
    except Exception as error:
        print(f"FAIL {case.__name__}: {error!r}", flush=True)
