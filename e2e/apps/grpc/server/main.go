// The server of gRPC's own interoperability suite, as grpc-go has it, without TLS: what a gRPC server is anywhere.
package main

import (
	"log"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/interop"
	testing "google.golang.org/grpc/interop/grpc_testing"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:8000")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	testing.RegisterTestServiceServer(server, interop.NewTestServer())
	log.Println("gRPC listens on 127.0.0.1:8000")
	log.Fatal(server.Serve(listener))
}
