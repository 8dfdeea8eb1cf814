"""A push service on this machine: HTTP/2 over TLS, as Apple documents its own."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from app.core.clock import SystemClock


@dataclass
class PushStub:
    """Remembers what was pushed; `answers` are status and reason for the next pushes, 200 when there are none."""

    url: str = ""
    trusted: Path = Path()
    pushed: list[tuple[str, str, bytes]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    client_names: set[str] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        peer = writer.get_extra_info("peercert")
        for part in peer["subject"]:
            self.client_names |= {value for name, value in part if name == "userId"}
        streams: dict[int, tuple[dict[str, str], bytes]] = {}
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    headers = {str(name): str(value) for name, value in event.headers or []}
                    streams[event.stream_id or 0] = (headers, b"")
                elif isinstance(event, DataReceived):
                    stream = event.stream_id or 0
                    streams[stream] = (streams[stream][0], streams[stream][1] + (event.data or b""))
                elif isinstance(event, StreamEnded):
                    self._answer(connection, event.stream_id or 0, *streams[event.stream_id or 0])
            writer.write(connection.data_to_send())
            await writer.drain()
        writer.close()

    def _answer(self, connection: H2Connection, stream: int, headers: dict[str, str], body: bytes) -> None:
        self.pushed.append((headers[":path"], headers["apns-topic"], body))
        status, reason = self.answers.pop(0) if self.answers else (200, "")
        connection.send_headers(stream, [(":status", str(status))])
        connection.send_data(stream, json.dumps({"reason": reason}).encode() if reason else b"", end_stream=True)


@asynccontextmanager
async def push_stub(folder: Path, client_authority: bytes) -> AsyncIterator[PushStub]:
    """A running stub that asks for a client certificate issued by `client_authority` (PEM)."""
    stub = PushStub(trusted=folder / "push.pem")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "push stub")])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    stub.trusted.write_bytes(certificate.public_bytes(Encoding.PEM))
    private = folder / "push.key"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    authority = folder / "authority.pem"
    authority.write_bytes(client_authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(stub.trusted, private)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, ssl=context)
    stub.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield stub
    finally:
        server.close()
        await server.wait_closed()
