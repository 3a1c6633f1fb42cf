// The gRPC interoperability cases (grpc/grpc doc/interop-test-descriptions.md), spoken by C++.
//
// usage: cpp_client HOST:PORT     prints PASS case or FAIL case: why, one line each.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "interop/test.grpc.pb.h"

using grpc::ClientContext;
using grpc::Status;
using grpc::StatusCode;
using namespace grpc::testing;

namespace {

const std::vector<int> kSizesIn = {27182, 8, 1828, 45904};
const std::vector<int> kSizesOut = {31415, 9, 2653, 58979};
const char kInitial[] = "x-grpc-test-echo-initial";
const char kTrailing[] = "x-grpc-test-echo-trailing-bin";

std::unique_ptr<TestService::Stub> stub;
std::shared_ptr<grpc::Channel> channel;

void Expect(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what);
}

void ExpectStatus(const Status& status, StatusCode code, const std::string& message = "") {
  Expect(status.error_code() == code, "code " + std::to_string(status.error_code()) + ": " + status.error_message());
  Expect(message.empty() || status.error_message() == message, "message " + status.error_message());
}

void ExpectOk(const Status& status) { ExpectStatus(status, StatusCode::OK); }

void Limit(ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
}

void LargeUnary(const std::function<void(SimpleRequest*, ClientContext*)>& change) {
  ClientContext context;
  Limit(&context);
  SimpleRequest request;
  request.set_response_size(314159);
  request.mutable_payload()->set_body(std::string(271828, '\0'));
  change(&request, &context);
  SimpleResponse reply;
  ExpectOk(stub->UnaryCall(&context, request, &reply));
  Expect(reply.payload().body() == std::string(314159, '\0'), "payload");
}

void ClientStream(const std::vector<int>& sizes, bool compressed, int sum) {
  ClientContext context;
  Limit(&context);
  if (compressed) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  StreamingInputCallResponse reply;
  auto stream = stub->StreamingInputCall(&context, &reply);
  for (int size : sizes) {
    StreamingInputCallRequest request;
    request.mutable_payload()->set_body(std::string(size, '\0'));
    if (compressed) request.mutable_expect_compressed()->set_value(true);
    Expect(stream->Write(request), "write");
  }
  stream->WritesDone();
  ExpectOk(stream->Finish());
  Expect(reply.aggregated_payload_size() == sum, "sum " + std::to_string(reply.aggregated_payload_size()));
}

void ServerStream(const StreamingOutputCallRequest& request) {
  ClientContext context;
  Limit(&context);
  auto stream = stub->StreamingOutputCall(&context, request);
  StreamingOutputCallResponse reply;
  int count = 0;
  for (; stream->Read(&reply); count++) {
    Expect(count < request.response_parameters_size() &&
               static_cast<int>(reply.payload().body().size()) == request.response_parameters(count).size(),
           "size of reply " + std::to_string(count));
  }
  ExpectOk(stream->Finish());
  Expect(count == request.response_parameters_size(), "replies");
}

StreamingOutputCallRequest Turn(int size_in, int size_out) {
  StreamingOutputCallRequest request;
  request.mutable_payload()->set_body(std::string(size_in, '\0'));
  request.add_response_parameters()->set_size(size_out);
  return request;
}

void AddMetadata(ClientContext* context) {
  context->AddMetadata(kInitial, "test_initial_metadata_value");
  context->AddMetadata(kTrailing, "\xab\xab\xab");
}

void CheckMetadata(const ClientContext& context) {
  auto initial = context.GetServerInitialMetadata().find(kInitial);
  auto trailing = context.GetServerTrailingMetadata().find(kTrailing);
  Expect(initial != context.GetServerInitialMetadata().end() && initial->second == "test_initial_metadata_value", "initial");
  Expect(trailing != context.GetServerTrailingMetadata().end() && trailing->second == "\xab\xab\xab", "trailing");
}

Status EchoStatusUnary(const std::string& message) {
  ClientContext context;
  Limit(&context);
  SimpleRequest request;
  request.mutable_response_status()->set_code(2);
  request.mutable_response_status()->set_message(message);
  SimpleResponse reply;
  return stub->UnaryCall(&context, request, &reply);
}

const std::vector<std::pair<std::string, std::function<void()>>> kCases = {
    {"empty_unary",
     [] {
       ClientContext context;
       Limit(&context);
       Empty reply;
       ExpectOk(stub->EmptyCall(&context, Empty(), &reply));
     }},
    {"large_unary", [] { LargeUnary([](SimpleRequest*, ClientContext*) {}); }},
    {"client_compressed_unary",
     [] {
       LargeUnary([](SimpleRequest* request, ClientContext* context) {
         request->mutable_expect_compressed()->set_value(true);
         context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
       });
       LargeUnary([](SimpleRequest* request, ClientContext*) { request->mutable_expect_compressed()->set_value(false); });
     }},
    {"server_compressed_unary",
     [] {
       for (bool value : {true, false}) {
         LargeUnary([value](SimpleRequest* request, ClientContext*) { request->mutable_response_compressed()->set_value(value); });
       }
     }},
    {"client_streaming", [] { ClientStream(kSizesIn, false, 74922); }},
    {"client_compressed_streaming", [] { ClientStream({27182, 45904}, true, 73086); }},
    {"server_streaming",
     [] {
       StreamingOutputCallRequest request;
       for (int size : kSizesOut) request.add_response_parameters()->set_size(size);
       ServerStream(request);
     }},
    {"server_compressed_streaming",
     [] {
       StreamingOutputCallRequest request;
       auto* first = request.add_response_parameters();
       first->set_size(31415);
       first->mutable_compressed()->set_value(true);
       auto* second = request.add_response_parameters();
       second->set_size(92653);
       second->mutable_compressed()->set_value(false);
       ServerStream(request);
     }},
    {"ping_pong",
     [] {
       ClientContext context;
       Limit(&context);
       auto stream = stub->FullDuplexCall(&context);
       StreamingOutputCallResponse reply;
       for (size_t i = 0; i < kSizesIn.size(); i++) {
         Expect(stream->Write(Turn(kSizesIn[i], kSizesOut[i])), "write");
         Expect(stream->Read(&reply) && static_cast<int>(reply.payload().body().size()) == kSizesOut[i], "reply");
       }
       stream->WritesDone();
       Expect(!stream->Read(&reply), "more replies");
       ExpectOk(stream->Finish());
     }},
    {"empty_stream",
     [] {
       ClientContext context;
       Limit(&context);
       auto stream = stub->FullDuplexCall(&context);
       stream->WritesDone();
       StreamingOutputCallResponse reply;
       Expect(!stream->Read(&reply), "replies");
       ExpectOk(stream->Finish());
     }},
    {"cancel_after_begin",
     [] {
       ClientContext context;
       StreamingInputCallResponse reply;
       auto stream = stub->StreamingInputCall(&context, &reply);
       context.TryCancel();
       ExpectStatus(stream->Finish(), StatusCode::CANCELLED);
     }},
    {"cancel_after_first_response",
     [] {
       ClientContext context;
       auto stream = stub->FullDuplexCall(&context);
       StreamingOutputCallResponse reply;
       Expect(stream->Write(Turn(27182, 31415)) && stream->Read(&reply), "first reply");
       context.TryCancel();
       ExpectStatus(stream->Finish(), StatusCode::CANCELLED);
     }},
    {"timeout_on_sleeping_server",
     [] {
       ClientContext context;
       context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(1));
       auto stream = stub->FullDuplexCall(&context);
       StreamingOutputCallRequest request;
       request.mutable_payload()->set_body(std::string(27182, '\0'));
       stream->Write(request);
       ExpectStatus(stream->Finish(), StatusCode::DEADLINE_EXCEEDED);
     }},
    {"custom_metadata",
     [] {
       ClientContext unary;
       Limit(&unary);
       AddMetadata(&unary);
       SimpleRequest request;
       request.set_response_size(314159);
       request.mutable_payload()->set_body(std::string(271828, '\0'));
       SimpleResponse reply;
       ExpectOk(stub->UnaryCall(&unary, request, &reply));
       CheckMetadata(unary);
       ClientContext duplex;
       Limit(&duplex);
       AddMetadata(&duplex);
       auto stream = stub->FullDuplexCall(&duplex);
       StreamingOutputCallResponse part;
       Expect(stream->Write(Turn(271828, 314159)) && stream->Read(&part), "reply");
       stream->WritesDone();
       Expect(!stream->Read(&part), "more replies");
       ExpectOk(stream->Finish());
       CheckMetadata(duplex);
     }},
    {"status_code_and_message",
     [] {
       ExpectStatus(EchoStatusUnary("test status message"), StatusCode::UNKNOWN, "test status message");
       ClientContext context;
       Limit(&context);
       auto stream = stub->FullDuplexCall(&context);
       StreamingOutputCallRequest request;
       request.mutable_response_status()->set_code(2);
       request.mutable_response_status()->set_message("test status message");
       Expect(stream->Write(request), "write");
       stream->WritesDone();
       ExpectStatus(stream->Finish(), StatusCode::UNKNOWN, "test status message");
     }},
    {"special_status_message",
     [] {
       const std::string message = "\t\ntest with whitespace\r\nand Unicode BMP \u263A and non-BMP \U0001F608\t\n";
       ExpectStatus(EchoStatusUnary(message), StatusCode::UNKNOWN, message);
     }},
    {"unimplemented_method",
     [] {
       ClientContext context;
       Limit(&context);
       Empty reply;
       ExpectStatus(stub->UnimplementedCall(&context, Empty(), &reply), StatusCode::UNIMPLEMENTED);
     }},
    {"unimplemented_service",
     [] {
       ClientContext context;
       Limit(&context);
       Empty reply;
       auto other = UnimplementedService::NewStub(channel);
       ExpectStatus(other->UnimplementedCall(&context, Empty(), &reply), StatusCode::UNIMPLEMENTED);
     }},
};

}  // namespace

int main(int, char** argv) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  channel = grpc::CreateCustomChannel(argv[1], grpc::InsecureChannelCredentials(), arguments);
  stub = TestService::NewStub(channel);
  for (const auto& one : kCases) {
    try {
      one.second();
      std::cout << "PASS " << one.first << std::endl;
    } catch (const std::exception& error) {
      std::cout << "FAIL " << one.first << ": " << error.what() << std::endl;
    }
  }
}
