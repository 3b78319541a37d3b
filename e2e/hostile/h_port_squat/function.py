import os
import signal
import time

import probe


def serve():
    server = probe.listener()
    while True:
        connection, _ = server.accept()
        start, _rest = probe.head(connection)
        if start and b"/squat" in start:
            if os.fork():
                os._exit(0)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            connection.close()
            # Whoever comes from now on gets this.
            probe.serve(probe.reporting(lambda: {"squatter": True}), server)
            time.sleep(60)
        connection.sendall(probe.reply({"squatter": False}))
        connection.close()
