// gRPC's own interoperability suite against a gateway, and what the gateway itself answers: `client -address A -authority H suite`,
// `case NAME` for one case of it, `fails CODE [MS]` for a call that ends so, whose first response comes after MS, or `leaves MS` for one that is cancelled while the
// function still has MS to wait.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"log"
	"os"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop"
	testing "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

var (
	address   = flag.String("address", "", "where the gateway listens")
	authority = flag.String("authority", "", "the host of the API")
	within    = flag.Duration("within", 2*time.Minute, "how long all of it may take")
	ca        = flag.String("ca", "", "file with the certificate to trust; without it there is no TLS")
)

func main() {
	flag.Parse()
	connection := dial()
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), *within)
	defer cancel()
	client := testing.NewTestServiceClient(connection)
	switch flag.Arg(0) {
	case "suite":
		suite(ctx, connection, client, "")
	case "case":
		suite(ctx, connection, client, flag.Arg(1))
	case "fails":
		fails(ctx, client, flag.Arg(1), flag.Arg(2))
	case "leaves":
		leaves(ctx, client, flag.Arg(1))
	default:
		log.Fatalf("suite, case, fails or leaves, not %q", flag.Arg(0))
	}
}

func dial() *grpc.ClientConn {
	secure := insecure.NewCredentials()
	if *ca != "" {
		pem, err := os.ReadFile(*ca)
		if err != nil {
			log.Fatal(err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			log.Fatalf("%s has no certificate", *ca)
		}
		secure = credentials.NewTLS(&tls.Config{RootCAs: roots, ServerName: *authority})
	}
	connection, err := grpc.Dial(*address, grpc.WithTransportCredentials(secure), grpc.WithAuthority(*authority))
	if err != nil {
		log.Fatal(err)
	}
	return connection
}

// All cases, or the one with this name.
func suite(ctx context.Context, connection *grpc.ClientConn, client testing.TestServiceClient, only string) {
	found := false
	cases := []struct {
		name string
		run  func()
	}{
		{"empty unary", func() { interop.DoEmptyUnaryCall(ctx, client) }},
		{"large unary", func() { interop.DoLargeUnaryCall(ctx, client) }},
		{"client streaming", func() { interop.DoClientStreaming(ctx, client) }},
		{"server streaming", func() { interop.DoServerStreaming(ctx, client) }},
		{"ping pong", func() { interop.DoPingPong(ctx, client) }},
		{"empty stream", func() { interop.DoEmptyStream(ctx, client) }},
		{"timeout on a sleeping server", func() { interop.DoTimeoutOnSleepingServer(ctx, client) }},
		{"cancel after begin", func() { interop.DoCancelAfterBegin(ctx, client) }},
		{"cancel after the first response", func() { interop.DoCancelAfterFirstResponse(ctx, client) }},
		{"custom metadata", func() { interop.DoCustomMetadata(ctx, client) }},
		{"status code and message", func() { interop.DoStatusCodeAndMessage(ctx, client) }},
		{"special status message", func() { interop.DoSpecialStatusMessage(ctx, client) }},
		{"unimplemented service", func() { interop.DoUnimplementedService(ctx, testing.NewUnimplementedServiceClient(connection)) }},
		{"unimplemented method", func() { interop.DoUnimplementedMethod(ctx, connection) }},
		{"many at the same time", func() { many(ctx, client) }},
	}
	for _, one := range cases {
		if only == "" || only == one.name {
			found = true
			one.run()
			log.Printf("passed: %s", one.name)
		}
	}
	if !found {
		log.Fatalf("there is no case %q", only)
	}
}

func many(ctx context.Context, client testing.TestServiceClient) {
	var all sync.WaitGroup
	for i := 0; i < 64; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			interop.DoEmptyUnaryCall(ctx, client)
			interop.DoPingPong(ctx, client)
		}()
	}
	all.Wait()
}

// A call that has one response and waits for the next.
func leaves(ctx context.Context, client testing.TestServiceClient, after string) {
	ctx, cancel := context.WithCancel(ctx)
	millis, _ := strconv.Atoi(after)
	stream, err := client.StreamingOutputCall(ctx, &testing.StreamingOutputCallRequest{
		ResponseParameters: []*testing.ResponseParameters{{Size: 1}, {Size: 1, IntervalUs: int32(millis * 1000)}},
	})
	if err == nil {
		_, err = stream.Recv()
	}
	if err != nil {
		log.Fatal(err)
	}
	cancel()
	if _, err = stream.Recv(); status.Code(err) != codes.Canceled {
		log.Fatalf("it ended with %v", err)
	}
}

func fails(ctx context.Context, client testing.TestServiceClient, code, after string) {
	micros, _ := strconv.Atoi(after)
	request := &testing.StreamingOutputCallRequest{
		ResponseParameters: []*testing.ResponseParameters{{Size: 1}, {Size: 1, IntervalUs: int32(micros * 1000)}},
	}
	if micros > 0 {
		request.ResponseParameters = request.ResponseParameters[1:]
	}
	stream, err := client.StreamingOutputCall(ctx, request)
	for err == nil {
		_, err = stream.Recv()
	}
	var expected codes.Code
	if wrong := expected.UnmarshalJSON([]byte(`"` + code + `"`)); wrong != nil {
		log.Fatal(wrong)
	}
	if status.Code(err) != expected {
		log.Fatalf("it ended with %v, not %v", err, expected)
	}
	log.Printf("passed: %v", err)
}
