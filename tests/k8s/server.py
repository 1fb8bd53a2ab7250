# SPDX-License-Identifier: Apache-2.0
"""An API server and a kubelet that do what a script says, over TLS on the loopback.

A script is a list of steps; each is for the next request that its "on" fits ("list", "watch",
"kubelet"; the last step that fits is used again and again if it has "repeat"). A step does, in this order:

  want      {name: value} of the query that must be there; "!name": must not
  token     the token that must be sent, else 401
  gate      a path: waits, at most a minute, until there is such a file
  write     {path: text}: files to write before the answer
  status    default 200
  headers   {name: value}
  body      text, or any JSON
  lines     a list of texts or of JSON: one line each, sent as chunks
  pad       [count, text]: text so many times, as one more line, after the lines
  step      send so many bytes at a time
  pause     seconds between those
  cut       close the connection after so many bytes of the body, in the middle of a chunk
  hang      seconds to keep the connection open behind what was sent

A request that no step fits gets status 599, which no test expects.
"""
import http.server
import json
import os
import socket
import ssl
import threading
import time
import urllib.parse

def kind_of(path, query):
    if path == "/pods":
        return "kubelet"
    if path == "/api/v1/pods":
        return "watch" if query.get("watch") == "1" else "list"
    return "other"


def text_of(value):
    return value if isinstance(value, str) else json.dumps(value)


def body_of(step):
    if "lines" in step or "pad" in step:
        lines = [text_of(line) + "\n" for line in step.get("lines", [])]
        if "pad" in step:
            count, text = step["pad"]
            lines.append(text * count + "\n")
        return "".join(lines).encode("utf-8", "surrogateescape")
    return text_of(step.get("body", "")).encode("utf-8", "surrogateescape")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        token = self.headers.get("Authorization", "")
        kind = kind_of(url.path, query)
        step = self.server.take(kind)
        note = {"kind": kind, "path": url.path, "query": query, "token": token}
        for name, value in step.get("want", {}).items():
            if (name[1:] in query) if name.startswith("!") else query.get(name) != value:
                note["wrong"] = f"{name} is not {value}"
        self.server.requests.append(note)
        for _ in range(1200):
            if "gate" not in step or os.path.exists(step["gate"]):
                break
            time.sleep(0.05)
        for path, text in step.get("write", {}).items():
            with open(path + ".new", "w") as file:
                file.write(text)
            os.rename(path + ".new", path)
        if step.get("token") is not None and token != "Bearer " + step["token"]:
            step = {"status": 401, "body": {"kind": "Status", "message": "Unauthorized", "code": 401}}
        try:
            self.answer(step)
        except OSError:
            self.close_connection = True  # the client went away

    def answer(self, step):
        body = body_of(step)
        self.send_response(step.get("status", 200))
        for name, value in step.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        cut = step.get("cut")
        body = body[:cut]
        size = step.get("step", 65536)
        for at in range(0, len(body), size):
            self.chunk(body[at : at + size])
            if step.get("pause"):
                time.sleep(step["pause"])
        if cut is not None:
            self.wfile.write(b"400\r\n{")  # a chunk that does not end
            self.wfile.flush()
            self.close_connection = True
            return
        if step.get("hang"):
            self.connection.settimeout(step["hang"])
            try:
                self.connection.recv(1)  # until the client goes away
            except OSError:
                pass
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")
        self.wfile.flush()


class Server(http.server.ThreadingHTTPServer):
    """Its threads run until stop(). requests: what has come, with "wrong" where it was not as wanted."""

    daemon_threads = True

    def __init__(self, steps, cert, key, port=0):
        self.steps = list(steps)
        self.requests = []
        self.lock = threading.Lock()
        self.open = set()
        super().__init__(("127.0.0.1", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        # the handshake is each connection's own: one that hangs stops no other
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, kind):
        with self.lock:
            for i, step in enumerate(self.steps):
                if step["on"] == kind:
                    return step if step.get("repeat") else self.steps.pop(i)
        return {"status": 599, "body": f"no step for {kind}"}

    def process_request(self, request, client_address):
        with self.lock:
            self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self.lock:
            self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        pass  # handshakes that the client gives up are part of the tests

    def stop(self):
        """As if the machine were gone: connections end in the middle."""
        self.shutdown()
        self.server_close()
        with self.lock:
            connections = list(self.open)
        for connection in connections:
            try:
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            except OSError:
                pass
