"""The uppercase server on asyncio: python3 asyncio_server.py udp|lines|close|recv PORT"""
import asyncio
import sys

LIMIT = 1 << 20  # bytes of a line


class Uppercase(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data.upper(), addr)


async def lines(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()


async def close(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()


async def recv(reader, writer):
    while data := await reader.read(65536):
        writer.write(data.upper())
        await writer.drain()


def talk_by(kind):
    async def talk(reader, writer):
        try:
            await kind(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
    return talk


async def serve(kind, port):
    if kind == 'udp':
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(Uppercase, local_addr=('127.0.0.1', port))
    else:
        talk = talk_by({'lines': lines, 'close': close, 'recv': recv}[kind])
        await asyncio.start_server(talk, '127.0.0.1', port, limit=LIMIT, backlog=4096)
    await asyncio.Event().wait()


asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
