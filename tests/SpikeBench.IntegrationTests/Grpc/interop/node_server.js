// The server of the gRPC interoperability cases (grpc/grpc doc/interop-test-descriptions.md) that our unary driver is tested against: @grpc/grpc-js.
//
// usage: node_server.js PROTO_DIR     prints "listening PORT"; when standard input ends: "seen CALLS cancelled CALLS".
'use strict';
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const { ReflectionService } = require('@grpc/reflection');

const definition = loader.loadSync('interop/test.proto', { includeDirs: [process.argv[2]], keepCase: true, defaults: true });
const { TestService } = grpc.loadPackageDefinition(definition).grpc.testing;
let seen = 0;
let cancelled = 0;

// What every call of ours carries comes back: in the headers, and in the trailers as bytes.
function begin(call) {
  seen++;
  const run = String(call.metadata.get('x-spikebench-run')[0] ?? '');
  const initial = new grpc.Metadata();
  initial.set('x-grpc-test-echo-initial', run);
  call.sendMetadata(initial);
  const trailing = new grpc.Metadata();
  trailing.set('x-grpc-test-echo-trailing-bin', Buffer.from(run));
  return { run, trailing };
}

const server = new grpc.Server();
server.addService(TestService.service, {
  EmptyCall(call, done) {
    const { trailing } = begin(call);
    done(null, {}, trailing);
  },
  UnaryCall(call, done) {
    const { run, trailing } = begin(call);
    const { response_status: status, response_size: size, fill_username: named } = call.request;
    if (status && status.code) {
      done({ code: status.code, details: status.message, metadata: trailing });
      return;
    }
    done(null, { payload: { body: Buffer.alloc(size) }, username: named ? run : '' }, trailing);
  },
  StreamingOutputCall(call) {
    const { trailing } = begin(call);
    const wanted = [...call.request.response_parameters];
    let timer;
    let asleep = false;
    const next = () => {
      if (wanted.length === 0) {
        call.end(trailing);
        return;
      }
      const { size, interval_us: wait } = wanted.shift();
      asleep = wait > 0;
      timer = setTimeout(() => {
        asleep = false;
        call.write({ payload: { body: Buffer.alloc(size) } });
        next();
      }, wait / 1000);
    };
    call.on('cancelled', () => { cancelled += asleep ? 1 : 0; clearTimeout(timer); });
    next();
  },
});
new ReflectionService(definition).addToServer(server);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening ${port}`);
});
process.stdin.on('end', () => {
  console.log(`seen ${seen} cancelled ${cancelled}`);
  process.exit(0);
});
process.stdin.resume();
