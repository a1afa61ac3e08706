"""An application as an `http` target (docs/targets.md): `python server.py PORT`."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers cases."""

    def do_POST(self) -> None:
        """Answer one case; call your own chain here, with the model that is named."""
        case = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps({"output": f"{case['model']} read: {case['input']}"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
