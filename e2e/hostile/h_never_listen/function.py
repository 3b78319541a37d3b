import signal


def serve():
    while True:
        signal.pause()
