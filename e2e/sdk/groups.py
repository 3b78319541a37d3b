"""Groups of steps. A group names the operations that it calls and runs when the API's own document has all of them; else each that is
missing must answer 501, and is listed. A group that does not call what it names fails."""

import json
import os
import sys
import urllib.request

where = json.loads(os.environ["FUNCD_CREDENTIALS"])
with urllib.request.urlopen(where["api"] + "/openapi.json") as answer:
    document = json.load(answer)
there = {one["operationId"]: (method.upper(), path)
         for path, methods in document["paths"].items() for method, one in methods.items()}


class Record:
    """Which operations were called: by the group that runs, and so far those that did what they were asked for and those that refused."""

    def __init__(self):
        self.called, self.done, self.refused = set(), set(), set()


record = Record()
called = record.called
groups = []
missing = set()


def group(*operations):
    """Marks a function as a group; its docstring is its name."""
    return lambda steps: groups.append((steps.__doc__, set(operations), steps)) or steps


def run(probe):
    """Runs the groups in order; `probe` calls an operation that is not there and checks that it answers 501."""
    for name, operations, steps in groups:
        absent = sorted(operations - there.keys())
        for operation in absent:
            probe(operation)
        missing.update(absent)
        if absent:
            print(f"not run: {name}, because {', '.join(absent)} answers 501")
            continue
        called.clear()
        try:
            steps()
        except BaseException:
            print(f"failed: {name}", file=sys.stderr)
            raise
        assert called == operations, (name, "calls", called ^ operations)
        print(f"done: {name}")
    print(f"{len(missing)} operations of this suite are not there: {', '.join(sorted(missing)) or 'none'}")


def whole(offered, refuse_nobody=()):
    """Each operation of the document that is `offered` did what it was asked for, and refused somebody, but for those that refuse
    nobody. To be called after everything else."""
    for what, left in (("never did what they were asked for", offered - record.done),
                       ("never refused anything", offered - record.refused - set(refuse_nobody)),
                       ("are listed as refusing nobody, and refused", record.refused & set(refuse_nobody))):
        assert not left, f"operations that {what} in this suite: {', '.join(sorted(left))}"
    print(f"{len(offered)} operations did what they were asked for, {len(offered & record.refused)} of them refused what they should")
