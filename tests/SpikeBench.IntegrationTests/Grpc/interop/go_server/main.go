// The server of the gRPC interoperability cases (grpc/grpc doc/interop-test-descriptions.md) that our unary driver is tested against: grpc-go.
//
// Messages are read and put together by hand, a field at a time: then the server needs grpc-go alone and no generated code.
//
// usage: go_server     prints "listening PORT"; when standard input ends: "seen CALLS cancelled CALLS".
package main

import (
	"context"
	"fmt"
	"io/ioutil"
	"net"
	"os"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

var seen, cancelled int64

// rawCodec passes encoded messages through.
type rawCodec struct{}

func (rawCodec) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (rawCodec) Name() string   { return "proto" }
func (rawCodec) String() string { return "proto" }

func varint(value uint64) []byte {
	var out []byte
	for ; value >= 0x80; value >>= 7 {
		out = append(out, byte(value)|0x80)
	}
	return append(out, byte(value))
}

func chunk(field int, value []byte) []byte {
	return append(append(varint(uint64(field)<<3|2), varint(uint64(len(value)))...), value...)
}

// fields gives every field of wire type 0 or 2 to the visitor.
func fields(message []byte, visit func(field uint64, value uint64, part []byte)) {
	read := func() (v uint64) {
		for shift := 0; len(message) > 0; shift += 7 {
			b := message[0]
			message = message[1:]
			v |= uint64(b&0x7f) << shift
			if b < 0x80 {
				break
			}
		}
		return v
	}
	for len(message) > 0 {
		key := read()
		n := read()
		var part []byte
		if key&7 == 2 {
			part, message = message[:n], message[n:]
		}
		visit(key>>3, n, part)
	}
}

// begin sends back what every call of ours carries: in the headers, and in the trailers as bytes.
func begin(ctx context.Context, header func(metadata.MD) error, trailer func(metadata.MD)) string {
	atomic.AddInt64(&seen, 1)
	run := ""
	if in, ok := metadata.FromIncomingContext(ctx); ok && len(in.Get("x-spikebench-run")) > 0 {
		run = in.Get("x-spikebench-run")[0]
	}
	header(metadata.Pairs("x-grpc-test-echo-initial", run))
	trailer(metadata.Pairs("x-grpc-test-echo-trailing-bin", run))
	return run
}

func unary(answer func(run string, request []byte) ([]byte, error)) func(interface{}, context.Context, func(interface{}) error, grpc.UnaryServerInterceptor) (interface{}, error) {
	return func(_ interface{}, ctx context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
		var request []byte
		if err := decode(&request); err != nil {
			return nil, err
		}
		run := begin(ctx, func(md metadata.MD) error { return grpc.SendHeader(ctx, md) }, func(md metadata.MD) { grpc.SetTrailer(ctx, md) })
		reply, err := answer(run, request)
		return &reply, err
	}
}

func simple(run string, request []byte) ([]byte, error) {
	size, named, failed := 0, false, error(nil)
	fields(request, func(field, value uint64, part []byte) {
		switch field {
		case 2:
			size = int(value)
		case 4:
			named = value != 0
		case 7:
			code, message := codes.OK, ""
			fields(part, func(f, v uint64, p []byte) {
				if f == 1 {
					code = codes.Code(v)
				} else {
					message = string(p)
				}
			})
			failed = status.Error(code, message)
		}
	})
	reply := chunk(1, chunk(2, make([]byte, size)))
	if named {
		reply = append(reply, chunk(2, []byte(run))...)
	}
	return reply, failed
}

func streamOut(_ interface{}, stream grpc.ServerStream) error {
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	begin(stream.Context(), stream.SendHeader, stream.SetTrailer)
	var failed error
	fields(request, func(field, _ uint64, part []byte) {
		if field != 2 || failed != nil {
			return
		}
		size, wait := 0, time.Duration(0)
		fields(part, func(f, v uint64, _ []byte) {
			if f == 1 {
				size = int(v)
			} else if f == 2 {
				wait = time.Duration(v) * time.Microsecond
			}
		})
		select {
		case <-stream.Context().Done():
			atomic.AddInt64(&cancelled, 1)
			failed = stream.Context().Err()
		case <-time.After(wait):
			reply := chunk(1, chunk(2, make([]byte, size)))
			failed = stream.SendMsg(&reply)
		}
	})
	return failed
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := grpc.NewServer(grpc.CustomCodec(rawCodec{}))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "grpc.testing.TestService",
		HandlerType: (*interface{})(nil),
		Methods: []grpc.MethodDesc{
			{MethodName: "EmptyCall", Handler: unary(func(string, []byte) ([]byte, error) { return nil, nil })},
			{MethodName: "UnaryCall", Handler: unary(simple)},
		},
		Streams: []grpc.StreamDesc{{StreamName: "StreamingOutputCall", Handler: streamOut, ServerStreams: true}},
	}, struct{}{})
	go server.Serve(listener)
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	ioutil.ReadAll(os.Stdin)
	fmt.Println("seen", atomic.LoadInt64(&seen), "cancelled", atomic.LoadInt64(&cancelled))
}
