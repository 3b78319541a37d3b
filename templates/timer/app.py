"""What is to be done at a time: takes a timer's event as a POST and says what it did.

The event is {"version", "time", "trigger_type": "TIMER", "trigger_name", "user_event"}. Put the work into `work`.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def work(event):
    print(f"timer {event['trigger_name']} at {event['time']}: {event.get('user_event', '')}")
    return {"done": event["trigger_name"], "at": event["time"]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            event = json.loads(body)
            if event["trigger_type"] != "TIMER":
                raise ValueError("trigger_type is not TIMER")
            self.answer(200, work(event))
        except (ValueError, KeyError, TypeError) as error:
            self.answer(400, {"error": f"not an event of a timer: {error}"})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
