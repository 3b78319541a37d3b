"""What stands beside the API: sessions of the console, links to packages."""

from world import Area, ask, connection, functions, unused, where

area = Area(lambda path: not path.startswith("/v"))
names, right, fresh = area.names, area.right, area.fresh
PASSWORD = "Correct-Horse-1"
member = {"name": unused("console"), "password": PASSWORD}
ask("POST", "/v3/users", {"user": member})
signing_in = {"user": member["name"], "password": PASSWORD}
headers = {"CreateConsoleSession": lambda: {"X-Funcd-Console": "1"}}


def session():
    """What shows a session: a cookie and the script's half."""
    answer = connection.post(where["api"] + "/console/session", json=signing_in, headers={"X-Funcd-Console": "1"}, timeout=60)
    assert answer.status_code == 201, answer.text
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    connection.cookies.clear()
    return {"Cookie": cookie, "X-Funcd-Session": answer.json()["key"], "X-Funcd-Console": "1"}


kept = session()
headers.update({"ShowConsoleSession": lambda: kept, "DeleteConsoleSession": session})


def linked(number):
    """A package's token and file name, at the end of the link to it."""
    link = ask("GET", f"{functions}/contract/code")["func_code"]["link"]
    token, filename = link.rsplit("/", 2)[1:]
    return {"token": token, "filename": filename}


fresh("DownloadPackage")(linked)
right["CreateConsoleSession"] = lambda number: signing_in
