import threading
import time

BEGAN = []


def work():
    while True:
        pass


def attempt():
    if not BEGAN:
        BEGAN.extend([time.monotonic(), time.process_time()])
        threading.Thread(target=work, daemon=True).start()
        return {"cpus": 0}
    time.sleep(2)
    began, used = BEGAN
    return {"cpus": round((time.process_time() - used) / (time.monotonic() - began), 3)}
