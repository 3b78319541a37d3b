import http.server, json, os, sys, threading, time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, text):
        body = text if isinstance(text, bytes) else text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, argument = self.path[1:].partition("/")
        if path == "headers":
            self.answer(json.dumps(dict(self.headers.items())))
        elif path == "env":
            self.answer(json.dumps(dict(os.environ)))
        elif path == "say":
            print("said", argument)
            print("complained", argument, file=sys.stderr)
            self.answer("said")
        elif path == "exit":
            print("cannot go on")
            os._exit(int(argument))
        elif path == "eat":
            self.hoard = [b"x" * (1 << 20) for _ in range(int(argument))]
            self.answer("full")
        elif path == "flood":
            while True:
                sys.stdout.write("x" * 99 + "\n")
        elif path == "sleep":
            time.sleep(float(argument))
            self.answer("awake")
        elif path == "bytes":
            self.answer(b"x" * int(argument))
        else:
            self.answer("hello")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(str(len(body)))


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


server = Server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8000), Handler)
print("listening")
server.serve_forever()
