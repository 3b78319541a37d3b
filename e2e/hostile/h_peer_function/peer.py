import probe


def serve():
    probe.serve(probe.reporting(lambda: {"listening": True}), probe.listener("0.0.0.0"))
