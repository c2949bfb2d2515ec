#!/usr/bin/env python3
"""forward.py ADDRESS PORT…: passes what comes to these ports of an address on to the same ports of loopback.

For tests that put a process on another network: the servers listen on loopback only. Says `ready` when it does; ends
with its standard input.
"""

import asyncio
import sys


async def pump(source, target):
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()


async def serve(address, port):
    async def passed(reader, writer):
        try:
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pump(reader, onward_writer), pump(onward_reader, writer))

    await asyncio.start_server(passed, address, port)


async def main(address, ports):
    for port in ports:
        await serve(address, port)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main(sys.argv[1], [int(port) for port in sys.argv[2:]]))
