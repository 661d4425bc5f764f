"""An upstream that describes each request."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ORIGIN = "http://target.test"
NOBODY = "http://127.0.0.1:1"


class Echo(BaseHTTPRequestHandler):
    """Respond with a description of the request; some paths have special responses."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep the test output clean."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self.requestline.split()[1]
        description = {
            "method": self.command,
            "target": target,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
            "body": body.decode("latin-1"),
        }
        if target == "/empty":
            self.send_response(204, "Nothing Here")
            self.end_headers()
        elif target == "/chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        elif self.command == "HEAD":
            self.send_response(200)
            self.send_header("Content-Length", "12345")
            self.end_headers()
        else:
            text = json.dumps(description).encode()
            self.send_response(418, "Short And Stout")
            self.send_header("X-Twice", "one")
            self.send_header("X-Twice", "two")
            self.send_header("Keep-Alive", "timeout=5")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815 - http.server calls these


class EchoServer(ThreadingHTTPServer):
    request_queue_size = 128
