// The server of the gRPC interoperability cases (grpc/grpc doc/interop-test-descriptions.md) that our unary driver is tested against: C++.
//
// usage: cpp_server     prints "listening PORT"; when standard input ends: "seen CALLS cancelled CALLS".
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "interop/test.grpc.pb.h"

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;
using namespace grpc::testing;

namespace {

class Service final : public TestService::Service {
 public:
  std::atomic<long> seen{0};
  std::atomic<long> cancelled{0};

  Status EmptyCall(ServerContext* context, const Empty*, Empty*) override {
    Begin(context);
    return Status::OK;
  }

  Status UnaryCall(ServerContext* context, const SimpleRequest* request, SimpleResponse* reply) override {
    const std::string run = Begin(context);
    if (request->response_status().code() != 0) {
      return Status(static_cast<StatusCode>(request->response_status().code()), request->response_status().message());
    }
    if (request->response_compressed().value()) context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    if (request->response_size() > 0) reply->mutable_payload()->set_body(std::string(request->response_size(), '\0'));
    if (request->fill_username()) reply->set_username(run);
    return Status::OK;
  }

  Status StreamingOutputCall(ServerContext* context, const StreamingOutputCallRequest* request,
                             grpc::ServerWriter<StreamingOutputCallResponse>* writer) override {
    Begin(context);
    for (const auto& wanted : request->response_parameters()) {
      const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(wanted.interval_us());
      while (std::chrono::steady_clock::now() < until) {
        if (context->IsCancelled()) {
          ++cancelled;
          return Status::CANCELLED;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      StreamingOutputCallResponse reply;
      reply.mutable_payload()->set_body(std::string(wanted.size(), '\0'));
      writer->Write(reply);
    }
    return Status::OK;
  }

 private:
  // What every call of ours carries comes back: in the headers, and in the trailers as bytes.
  std::string Begin(ServerContext* context) {
    ++seen;
    const auto& metadata = context->client_metadata();
    const auto found = metadata.find("x-spikebench-run");
    const std::string run = found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
    context->AddInitialMetadata("x-grpc-test-echo-initial", run);
    context->AddTrailingMetadata("x-grpc-test-echo-trailing-bin", run);
    return run;
  }
};

}  // namespace

int main() {
  Service service;
  int port = 0;
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  std::cout << "listening " << port << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
  std::cout << "seen " << service.seen << " cancelled " << service.cancelled << std::endl;
  std::_Exit(0);
}
