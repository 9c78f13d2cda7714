"""A source that plays a script: a JSON file named by the config, a list of steps.

Steps: {"record": [stream, data, emitted_at]}, {"state": [stream, state]}, {"raw": text},
{"hang": seconds}, {"exit": code}, {"kill_parent": true}; "message" sends any message.
With "resume": true, records whose data["n"] <= the state's n are not sent again.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path


def _argument(name):
    return json.loads(Path(sys.argv[sys.argv.index(name) + 1]).read_text())


def _say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _states():
    if "--state" not in sys.argv:
        return {}
    return {
        entry["stream"]["stream_descriptor"]["name"]: entry["stream"]["stream_state"]
        for entry in _argument("--state")
        if entry["type"] == "STREAM"
    }


def _play(step, states, is_resuming):
    if "record" in step:
        stream, data, *emitted_at = step["record"]
        if is_resuming and data.get("n", 0) <= states.get(stream, {}).get("n", -1):
            return
        at = emitted_at[0] if emitted_at else 1_767_225_600_000
        _say({"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": at}})
    elif "state" in step:
        stream, state = step["state"]
        if is_resuming and state.get("n", 0) <= states.get(stream, {}).get("n", -1):
            return
        descriptor = {"stream_descriptor": {"name": stream}, "stream_state": state}
        _say({"type": "STATE", "state": {"type": "STREAM", "stream": descriptor}})
    elif "raw" in step:
        sys.stdout.write(step["raw"] + "\n")
        sys.stdout.flush()
    elif "message" in step:
        _say(step["message"])
    elif "stderr" in step:
        print(step["stderr"], file=sys.stderr, flush=True)
    elif "hang" in step:
        time.sleep(step["hang"])
    elif "exit" in step:
        sys.exit(step["exit"])
    elif "wait_for" in step:
        while not Path(step["wait_for"]).exists():
            time.sleep(0.02)
    elif "kill_parent" in step:
        time.sleep(step["kill_parent"])
        os.kill(os.getppid(), signal.SIGKILL)


def main():
    config = _argument("--config")
    script = json.loads(Path(config["script"]).read_text())
    if sys.argv[1] == "discover":
        _say({"type": "CATALOG", "catalog": {"streams": script["streams"]}})
        return
    states = _states()
    if "config_copy" in config:
        Path(config["config_copy"]).write_text(json.dumps(config))
    if "seen" in config:
        Path(config["seen"]).write_text(json.dumps(states))
    for step in script["steps"]:
        _play(step, states, script.get("resume", False))


main()
