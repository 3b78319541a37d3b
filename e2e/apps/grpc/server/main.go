// The server of gRPC's own interoperability suite, as grpc-go has it, without TLS: what a gRPC server is anywhere. GRPC_ADDRESS says where it
// listens when it is no function.
package main

import (
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/interop"
	testing "google.golang.org/grpc/interop/grpc_testing"
)

func main() {
	address := os.Getenv("GRPC_ADDRESS")
	if address == "" {
		address = "127.0.0.1:8000"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	testing.RegisterTestServiceServer(server, interop.NewTestServer())
	log.Println("gRPC listens on", address)
	log.Fatal(server.Serve(listener))
}
