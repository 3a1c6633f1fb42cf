// The gRPC interoperability cases (grpc/grpc doc/interop-test-descriptions.md), spoken by @grpc/grpc-js.
//
// usage: node_client.js HOST:PORT PROTO_DIR     prints PASS case or FAIL case: why, one line each.
'use strict';
const assert = require('assert');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, protoDir] = process.argv.slice(2);
const definition = loader.loadSync('interop/test.proto', { includeDirs: [protoDir], keepCase: true });
const { TestService, UnimplementedService } = grpc.loadPackageDefinition(definition).grpc.testing;
const noLimit = { 'grpc.max_receive_message_length': -1 };
const stub = new TestService(address, grpc.credentials.createInsecure(), noLimit);
const gzipStub = new TestService(address, grpc.credentials.createInsecure(),
  { ...noLimit, 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip });

const payload = size => ({ body: Buffer.alloc(size) });
const limit = () => ({ deadline: Date.now() + 30000 });
const sizesIn = [27182, 8, 1828, 45904];
const sizesOut = [31415, 9, 2653, 58979];

/** A unary call as a promise of {reply, initial, trailing}; an error rejects. */
function unary(client, method, request, metadata = new grpc.Metadata(), options = limit()) {
  return new Promise((resolve, reject) => {
    const result = {};
    const call = client[method](request, metadata, options, (error, reply) => {
      result.error = error;
      result.reply = reply;
    });
    call.on('metadata', initial => { result.initial = initial; });
    call.on('status', status => {
      result.trailing = status.metadata;
      setImmediate(() => (result.error ? reject(result.error) : resolve(result)));
    });
  });
}

/** Collects a stream of replies; resolves to {replies, status} when the call has ended, however it did. */
function collect(call) {
  return new Promise(resolve => {
    const result = { replies: [] };
    call.on('metadata', initial => { result.initial = initial; });
    call.on('data', reply => result.replies.push(reply));
    call.on('error', () => {});
    call.on('status', status => { result.status = status; setImmediate(() => resolve(result)); });
  });
}

function clientStream(client, requests) {
  return new Promise((resolve, reject) => {
    const call = client.StreamingInputCall(new grpc.Metadata(), limit(), (error, reply) => (error ? reject(error) : resolve(reply)));
    requests.forEach(request => call.write(request));
    call.end();
  });
}

async function fails(code, details, promise) {
  const error = await promise.then(() => assert.fail('no error'), e => e);
  assert.strictEqual(error.code, code, error.message);
  if (details !== undefined) assert.strictEqual(error.details, details);
}

const turn = (sizeIn, sizeOut) => ({ payload: payload(sizeIn), response_parameters: [{ size: sizeOut }] });

const metadata = () => {
  const m = new grpc.Metadata();
  m.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
  m.set('x-grpc-test-echo-trailing-bin', Buffer.from([0xab, 0xab, 0xab]));
  return m;
};

function checkMetadata(initial, trailing) {
  assert.deepStrictEqual(initial.get('x-grpc-test-echo-initial'), ['test_initial_metadata_value']);
  assert.deepStrictEqual(trailing.get('x-grpc-test-echo-trailing-bin'), [Buffer.from([0xab, 0xab, 0xab])]);
}

const cases = {
  async empty_unary() {
    await unary(stub, 'EmptyCall', {});
  },
  async large_unary() {
    const { reply } = await unary(stub, 'UnaryCall', { response_size: 314159, payload: payload(271828) });
    assert.strictEqual(reply.payload.body.length, 314159);
  },
  async client_compressed_unary() {
    for (const [client, value] of [[gzipStub, true], [stub, false]]) {
      const { reply } = await unary(client, 'UnaryCall',
        { response_size: 314159, payload: payload(271828), expect_compressed: { value } });
      assert.strictEqual(reply.payload.body.length, 314159);
    }
  },
  async server_compressed_unary() {
    for (const value of [true, false]) {
      const { reply } = await unary(stub, 'UnaryCall',
        { response_size: 314159, payload: payload(271828), response_compressed: { value } });
      assert.strictEqual(reply.payload.body.length, 314159);
    }
  },
  async client_streaming() {
    const reply = await clientStream(stub, sizesIn.map(n => ({ payload: payload(n) })));
    assert.strictEqual(reply.aggregated_payload_size, 74922);
  },
  async client_compressed_streaming() {
    const requests = [27182, 45904].map(n => ({ payload: payload(n), expect_compressed: { value: true } }));
    assert.strictEqual((await clientStream(gzipStub, requests)).aggregated_payload_size, 73086);
  },
  async server_streaming() {
    const call = stub.StreamingOutputCall({ response_parameters: sizesOut.map(size => ({ size })) }, limit());
    const { replies, status } = await collect(call);
    assert.strictEqual(status.code, grpc.status.OK);
    assert.deepStrictEqual(replies.map(r => r.payload.body.length), sizesOut);
  },
  async server_compressed_streaming() {
    const call = stub.StreamingOutputCall({
      response_parameters: [{ size: 31415, compressed: { value: true } }, { size: 92653, compressed: { value: false } }],
    }, limit());
    const { replies } = await collect(call);
    assert.deepStrictEqual(replies.map(r => r.payload.body.length), [31415, 92653]);
  },
  async ping_pong() {
    const call = stub.FullDuplexCall(new grpc.Metadata(), limit());
    const sizes = [];
    call.on('data', reply => {
      sizes.push(reply.payload.body.length);
      if (sizes.length < sizesIn.length) call.write(turn(sizesIn[sizes.length], sizesOut[sizes.length]));
      else call.end();
    });
    const ended = collect(call);
    call.write(turn(sizesIn[0], sizesOut[0]));
    assert.strictEqual((await ended).status.code, grpc.status.OK);
    assert.deepStrictEqual(sizes, sizesOut);
  },
  async empty_stream() {
    const call = stub.FullDuplexCall(new grpc.Metadata(), limit());
    call.end();
    const { replies, status } = await collect(call);
    assert.strictEqual(status.code, grpc.status.OK);
    assert.strictEqual(replies.length, 0);
  },
  async cancel_after_begin() {
    const code = await new Promise(resolve => {
      const call = stub.StreamingInputCall(new grpc.Metadata(), limit(), error => resolve(error && error.code));
      setImmediate(() => call.cancel());
    });
    assert.strictEqual(code, grpc.status.CANCELLED);
  },
  async cancel_after_first_response() {
    const call = stub.FullDuplexCall(new grpc.Metadata(), limit());
    call.on('data', () => call.cancel());
    const ended = collect(call);
    call.write(turn(27182, 31415));
    assert.strictEqual((await ended).status.code, grpc.status.CANCELLED);
  },
  async timeout_on_sleeping_server() {
    const call = stub.FullDuplexCall(new grpc.Metadata(), { deadline: Date.now() + 1 });
    const ended = collect(call);
    call.write({ payload: payload(27182) });
    assert.strictEqual((await ended).status.code, grpc.status.DEADLINE_EXCEEDED);
  },
  async custom_metadata() {
    const { initial, trailing } = await unary(stub, 'UnaryCall', { response_size: 314159, payload: payload(271828) }, metadata());
    checkMetadata(initial, trailing);
    const call = stub.FullDuplexCall(metadata(), limit());
    const ended = collect(call);
    call.write(turn(271828, 314159));
    call.end();
    const result = await ended;
    checkMetadata(result.initial, result.status.metadata);
  },
  async status_code_and_message() {
    const status = { code: 2, message: 'test status message' };
    await fails(2, status.message, unary(stub, 'UnaryCall', { response_status: status }));
    const call = stub.FullDuplexCall(new grpc.Metadata(), limit());
    const ended = collect(call);
    call.write({ response_status: status });
    call.end();
    const result = await ended;
    assert.strictEqual(result.status.code, 2);
    assert.strictEqual(result.status.details, status.message);
  },
  async special_status_message() {
    const message = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';
    await fails(2, message, unary(stub, 'UnaryCall', { response_status: { code: 2, message } }));
  },
  async unimplemented_method() {
    await fails(grpc.status.UNIMPLEMENTED, undefined, unary(stub, 'UnimplementedCall', {}));
  },
  async unimplemented_service() {
    const other = new UnimplementedService(address, grpc.credentials.createInsecure());
    await fails(grpc.status.UNIMPLEMENTED, undefined, unary(other, 'UnimplementedCall', {}));
    other.close();
  },
};

(async () => {
  for (const [name, run] of Object.entries(cases)) {
    try {
      await run();
      console.log('PASS ' + name);
    } catch (error) {
      console.log(`FAIL ${name}: ${error.message}`);
    }
  }
  stub.close();
  gzipStub.close();
})();
