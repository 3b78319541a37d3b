import threading
import time

TURNS = [0]


def work():
    while True:
        TURNS[0] += 1


def attempt():
    turns = TURNS[0]
    if turns == 0:
        threading.Thread(target=work, daemon=True).start()
    else:
        time.sleep(1)
    return {"turns": turns}
