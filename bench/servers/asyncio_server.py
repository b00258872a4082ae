# Serves in one of several modes, after printing its port.
# asyncio_server.py MODE

import asyncio
import gc
import socket
import sys

BLOCK = b"x" * 65536
HOST = "127.0.0.1"


async def echo(reader, writer):
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()


async def line(reader, writer):
    while data := await reader.readline():
        if data == b"collect\n":
            gc.collect()
        writer.write(data)
        await writer.drain()


async def sink(reader, _):
    while await reader.read(65536):
        pass


async def source(_, writer):
    while True:
        writer.write(BLOCK)
        await writer.drain()


def handler(serve):
    async def handle(reader, writer):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await serve(reader, writer)
        except ConnectionError:
            pass  # the load has ended
        writer.close()

    return handle


class Datagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


def print_port(sock):
    print(sock.getsockname()[1], flush=True)


async def main(mode):
    if mode == "udp":
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            Datagrams, local_addr=(HOST, 0))
        print_port(transport.get_extra_info("socket"))
        await asyncio.Event().wait()
    modes = {"echo": echo, "line": line, "sink": sink, "source": source}
    server = await asyncio.start_server(
        handler(modes[mode]), HOST, 0, backlog=4096)
    print_port(server.sockets[0])
    await server.serve_forever()


asyncio.run(main(sys.argv[1]))
