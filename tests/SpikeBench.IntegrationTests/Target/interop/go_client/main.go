// The gRPC interoperability cases (grpc/grpc doc/interop-test-descriptions.md), spoken by grpc-go.
//
// Messages are put together by hand, a field at a time: then the client needs grpc-go alone and no generated code.
//
// usage: go_client HOST:PORT     prints PASS case or FAIL case: why, one line each.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	service   = "/grpc.testing.TestService/"
	limit     = 30 * time.Second
	noMessage = 64 << 20
)

var (
	sizesIn  = []int{27182, 8, 1828, 45904}
	sizesOut = []int{31415, 9, 2653, 58979}
)

// rawCodec passes encoded messages through. It calls itself proto: that is the content-subtype on the wire.
type rawCodec struct{}

func (rawCodec) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (rawCodec) Name() string { return "proto" }

func varint(value uint64) []byte {
	var out []byte
	for ; value >= 0x80; value >>= 7 {
		out = append(out, byte(value)|0x80)
	}
	return append(out, byte(value))
}

func number(field int, value int) []byte {
	return append(varint(uint64(field)<<3), varint(uint64(value))...)
}

func chunk(field int, value []byte) []byte {
	return append(append(varint(uint64(field)<<3|2), varint(uint64(len(value)))...), value...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func payload(size int) []byte { return chunk(3, chunk(2, make([]byte, size))) }

func flag(value bool) []byte {
	if value {
		return number(1, 1)
	}
	return nil
}

func echoStatus(code int, message string) []byte {
	return chunk(7, join(number(1, code), chunk(2, []byte(message))))
}

// field finds a field of wire type 0 or 2 in a message; nil when it is not there.
func field(message []byte, wanted uint64) (bytes []byte, value uint64) {
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
		if key>>3 == wanted {
			return part, n
		}
	}
	return nil, 0
}

// bodyLen is the length of reply.payload.body.
func bodyLen(reply []byte) int {
	in, _ := field(reply, 1)
	body, _ := field(in, 2)
	return len(body)
}

func unary(conn *grpc.ClientConn, method string, request []byte, options ...grpc.CallOption) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var reply []byte
	err := conn.Invoke(ctx, service+method, &request, &reply, options...)
	return reply, err
}

func open(ctx context.Context, conn *grpc.ClientConn, method string, client, server bool, options ...grpc.CallOption) (grpc.ClientStream, error) {
	return conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: client, ServerStreams: server}, service+method, options...)
}

func receiveAll(stream grpc.ClientStream) (sizes []int, err error) {
	for {
		var reply []byte
		if err := stream.RecvMsg(&reply); err == io.EOF {
			return sizes, nil
		} else if err != nil {
			return sizes, err
		}
		sizes = append(sizes, bodyLen(reply))
	}
}

func turn(sizeIn, sizeOut int) *[]byte {
	m := join(chunk(2, number(1, sizeOut)), payload(sizeIn))
	return &m
}

func expect(ok bool, format string, args ...interface{}) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

func expectStatus(err error, code codes.Code, message string) error {
	s := status.Convert(err)
	return expect(s.Code() == code && (message == "" || s.Message() == message), "status %v %q", s.Code(), s.Message())
}

func largeUnary(conn *grpc.ClientConn, extra []byte, options ...grpc.CallOption) error {
	reply, err := unary(conn, "UnaryCall", join(number(2, 314159), payload(271828), extra), options...)
	if err != nil {
		return err
	}
	return expect(bodyLen(reply) == 314159, "payload of %d", bodyLen(reply))
}

func clientStream(conn *grpc.ClientConn, sizes []int, extra []byte, sum int, options ...grpc.CallOption) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	stream, err := open(ctx, conn, "StreamingInputCall", true, false, options...)
	if err != nil {
		return err
	}
	for _, size := range sizes {
		m := join(chunk(1, chunk(2, make([]byte, size))), extra)
		if err := stream.SendMsg(&m); err != nil {
			return err
		}
	}
	stream.CloseSend()
	var reply []byte
	if err := stream.RecvMsg(&reply); err != nil {
		return err
	}
	_, got := field(reply, 1)
	return expect(int(got) == sum, "sum %d", got)
}

func serverStream(conn *grpc.ClientConn, request []byte, sizes []int) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	stream, err := open(ctx, conn, "StreamingOutputCall", false, true)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(&request); err != nil {
		return err
	}
	stream.CloseSend()
	got, err := receiveAll(stream)
	if err != nil {
		return err
	}
	return expect(fmt.Sprint(got) == fmt.Sprint(sizes), "sizes %v", got)
}

func duplex(conn *grpc.ClientConn, ctx context.Context, work func(grpc.ClientStream) error) error {
	stream, err := open(ctx, conn, "FullDuplexCall", true, true)
	if err != nil {
		return err
	}
	return work(stream)
}

func withLimit(conn *grpc.ClientConn, work func(grpc.ClientStream) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return duplex(conn, ctx, work)
}

func checkMetadata(header, trailer metadata.MD) error {
	initial, trailing := header.Get("x-grpc-test-echo-initial"), trailer.Get("x-grpc-test-echo-trailing-bin")
	return expect(len(initial) == 1 && initial[0] == "test_initial_metadata_value" &&
		len(trailing) == 1 && trailing[0] == "\xab\xab\xab", "metadata %v %v", header, trailer)
}

func main() {
	conn, err := grpc.Dial(os.Args[1], grpc.WithInsecure(), grpc.WithDefaultCallOptions(
		grpc.ForceCodec(rawCodec{}), grpc.MaxCallRecvMsgSize(noMessage)))
	if err != nil {
		fmt.Println("FAIL dial:", err)
		os.Exit(1)
	}
	defer conn.Close()
	gz := grpc.UseCompressor(gzip.Name)
	special := "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"

	cases := []struct {
		name string
		run  func() error
	}{
		{"empty_unary", func() error {
			reply, err := unary(conn, "EmptyCall", nil)
			if err != nil {
				return err
			}
			return expect(len(reply) == 0, "not empty")
		}},
		{"large_unary", func() error { return largeUnary(conn, nil) }},
		{"client_compressed_unary", func() error {
			if err := largeUnary(conn, chunk(8, flag(true)), gz); err != nil {
				return err
			}
			return largeUnary(conn, chunk(8, flag(false)))
		}},
		{"server_compressed_unary", func() error {
			if err := largeUnary(conn, chunk(6, flag(true))); err != nil {
				return err
			}
			return largeUnary(conn, chunk(6, flag(false)))
		}},
		{"client_streaming", func() error { return clientStream(conn, sizesIn, nil, 74922) }},
		{"client_compressed_streaming", func() error {
			return clientStream(conn, []int{27182, 45904}, chunk(2, flag(true)), 73086, gz)
		}},
		{"server_streaming", func() error {
			var request []byte
			for _, size := range sizesOut {
				request = append(request, chunk(2, number(1, size))...)
			}
			return serverStream(conn, request, sizesOut)
		}},
		{"server_compressed_streaming", func() error {
			return serverStream(conn, join(chunk(2, join(number(1, 31415), chunk(3, flag(true)))),
				chunk(2, join(number(1, 92653), chunk(3, flag(false))))), []int{31415, 92653})
		}},
		{"ping_pong", func() error {
			return withLimit(conn, func(stream grpc.ClientStream) error {
				for i := range sizesIn {
					if err := stream.SendMsg(turn(sizesIn[i], sizesOut[i])); err != nil {
						return err
					}
					var reply []byte
					if err := stream.RecvMsg(&reply); err != nil {
						return err
					}
					if bodyLen(reply) != sizesOut[i] {
						return fmt.Errorf("payload of %d", bodyLen(reply))
					}
				}
				stream.CloseSend()
				rest, err := receiveAll(stream)
				if err != nil {
					return err
				}
				return expect(len(rest) == 0, "more replies")
			})
		}},
		{"empty_stream", func() error {
			return withLimit(conn, func(stream grpc.ClientStream) error {
				stream.CloseSend()
				got, err := receiveAll(stream)
				if err != nil {
					return err
				}
				return expect(len(got) == 0, "replies")
			})
		}},
		{"cancel_after_begin", func() error {
			ctx, cancel := context.WithCancel(context.Background())
			stream, err := open(ctx, conn, "StreamingInputCall", true, false)
			if err != nil {
				return err
			}
			cancel()
			var reply []byte
			return expectStatus(stream.RecvMsg(&reply), codes.Canceled, "")
		}},
		{"cancel_after_first_response", func() error {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			return duplex(conn, ctx, func(stream grpc.ClientStream) error {
				if err := stream.SendMsg(turn(27182, 31415)); err != nil {
					return err
				}
				var reply []byte
				if err := stream.RecvMsg(&reply); err != nil {
					return err
				}
				cancel()
				return expectStatus(stream.RecvMsg(&reply), codes.Canceled, "")
			})
		}},
		{"timeout_on_sleeping_server", func() error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			err := duplex(conn, ctx, func(stream grpc.ClientStream) error {
				m := payload(27182)
				if err := stream.SendMsg(&m); err != nil && err != io.EOF {
					return err
				}
				var reply []byte
				return stream.RecvMsg(&reply)
			})
			return expectStatus(err, codes.DeadlineExceeded, "")
		}},
		{"custom_metadata", func() error {
			ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(),
				"x-grpc-test-echo-initial", "test_initial_metadata_value",
				"x-grpc-test-echo-trailing-bin", "\xab\xab\xab"), limit)
			defer cancel()
			var header, trailer metadata.MD
			request, reply := join(number(2, 314159), payload(271828)), []byte(nil)
			if err := conn.Invoke(ctx, service+"UnaryCall", &request, &reply, grpc.Header(&header), grpc.Trailer(&trailer)); err != nil {
				return err
			}
			if err := checkMetadata(header, trailer); err != nil {
				return err
			}
			return duplex(conn, ctx, func(stream grpc.ClientStream) error {
				if err := stream.SendMsg(turn(271828, 314159)); err != nil {
					return err
				}
				stream.CloseSend()
				if _, err := receiveAll(stream); err != nil {
					return err
				}
				header, err := stream.Header()
				if err != nil {
					return err
				}
				return checkMetadata(header, stream.Trailer())
			})
		}},
		{"status_code_and_message", func() error {
			_, err := unary(conn, "UnaryCall", echoStatus(2, "test status message"))
			if err := expectStatus(err, codes.Unknown, "test status message"); err != nil {
				return err
			}
			return withLimit(conn, func(stream grpc.ClientStream) error {
				m := echoStatus(2, "test status message")
				if err := stream.SendMsg(&m); err != nil {
					return err
				}
				stream.CloseSend()
				_, err := receiveAll(stream)
				return expectStatus(err, codes.Unknown, "test status message")
			})
		}},
		{"special_status_message", func() error {
			_, err := unary(conn, "UnaryCall", echoStatus(2, special))
			return expectStatus(err, codes.Unknown, special)
		}},
		{"unimplemented_method", func() error {
			_, err := unary(conn, "UnimplementedCall", nil)
			return expectStatus(err, codes.Unimplemented, "")
		}},
		{"unimplemented_service", func() error {
			ctx, cancel := context.WithTimeout(context.Background(), limit)
			defer cancel()
			var request, reply []byte
			return expectStatus(conn.Invoke(ctx, "/grpc.testing.UnimplementedService/UnimplementedCall", &request, &reply),
				codes.Unimplemented, "")
		}},
	}
	for _, c := range cases {
		if err := c.run(); err != nil {
			fmt.Printf("FAIL %s: %v\n", c.name, err)
		} else {
			fmt.Println("PASS " + c.name)
		}
	}
}
