"""A mail server for tests, on aiosmtpd, with the faults that mail servers have.

Prints one line of JSON with its port when it listens, and one for each message that it takes. Ends when its
standard input is closed, so that no test leaves it behind.

What it does with a message depends on the local part of the receiver:
  gone        550 to RCPT, quoting the address
  relay       554 5.7.1 to RCPT
  later       451 to RCPT the first time
  busy        452 to RCPT
  content     550 to the end of the content, quoting the content
  silent      no answer to the end of the content
  drop        closes the connection at RCPT
and what it does at all on --fault:
  sender      550 to MAIL
  refuses-all 554 as its greeting
  banner      connects and says nothing
  closes      connects and closes
  babbles     connects and speaks no SMTP
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# Failed handshakes and plain-text sign-ins are what the tests are about.
logging.getLogger("mail").setLevel(logging.CRITICAL + 1)
warnings.simplefilter("ignore")

PASSWORD = b"correct horse"


def say(fact):
    print(json.dumps(fact), flush=True)


class Faults:
    def __init__(self, fault):
        self.fault = fault
        self.seen = set()

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.fault == "sender":
            return "550 5.7.1 we do not like " + address
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        kind = address.split("@")[0]
        if kind == "gone":
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        if kind == "relay":
            return f"554 5.7.1 <{address}>: Relay access denied"
        if kind == "busy":
            return "452 4.2.2 mailbox full"
        if kind == "later" and kind not in self.seen:
            self.seen.add(kind)
            return "451 4.7.1 greylisted, come back"
        if kind == "drop":
            server.transport.abort()
            return "250 OK"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        kind = envelope.rcpt_tos[0].split("@")[0]
        content = envelope.original_content
        if kind == "content":
            words = content.decode("utf-8", "replace").split()
            quoted = next(word for word in words if "vfy_" in word)
            return f"550 5.6.0 we do not like {quoted}"
        if kind == "silent":
            await asyncio.Event().wait()
        message = email.message_from_bytes(content, policy=email.policy.SMTPUTF8)
        parts = [part for part in message.walk() if not part.is_multipart()]
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "options": envelope.mail_options,
                "helo": session.host_name,
                "encrypted": session.ssl is not None
                or server.transport.get_extra_info("sslcontext") is not None,
                "signed_in": session.authenticated,
                "raw": content.decode("utf-8"),
                "headers": [[name, str(value)] for name, value in message.items()],
                "type": message.get_content_type(),
                "parts": [[part.get_content_type(), part.get_content()] for part in parts],
                "defects": [repr(defect) for part in message.walk() for defect in part.defects],
            }
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.password == PASSWORD, handled=data.password == PASSWORD)


async def broken(fault, reader, writer):
    """A server that is none."""
    if fault == "banner":
        await asyncio.Event().wait()
    if fault == "refuses-all":
        writer.write(b"554 no service here\r\n")
    if fault == "babbles":
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    if fault != "closes":
        await writer.drain()
    writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", default="")
    parser.add_argument("--tls", choices=["starttls", "implicit"])
    parser.add_argument("--certificate")
    parser.add_argument("--auth", action="store_true")
    parser.add_argument("--ascii-only", action="store_true")
    arguments = parser.parse_args()

    context = None
    if arguments.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate)
    handler = Faults(arguments.fault)

    def protocol():
        return SMTP(
            handler,
            enable_SMTPUTF8=not arguments.ascii_only,
            tls_context=context if arguments.tls == "starttls" else None,
            require_starttls=arguments.tls == "starttls",
            auth_required=arguments.auth,
            auth_require_tls=False,
            authenticator=authenticate,
            hostname="peer.example",
        )

    loop = asyncio.get_running_loop()
    if arguments.fault in ("banner", "closes", "refuses-all", "babbles"):
        fault = arguments.fault
        server = await asyncio.start_server(lambda r, w: broken(fault, r, w), "127.0.0.1", 0)
    else:
        implicit = context if arguments.tls == "implicit" else None
        server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    say({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)


try:
    asyncio.run(asyncio.wait_for(main(), 300))
except asyncio.CancelledError:
    pass
