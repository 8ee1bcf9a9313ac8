"""What does judging load that the guard did not load before? Run as a process of its own; prints JSON."""

import hashlib
import json
import pickle
import sys
from pathlib import Path

from signing.judging.algorithms import TS_119_312
from signing.trust import TrustStore, read_list
from workflows.evidence.guard import judge
from workflows.evidence.guard.frames import Frame

if __name__ == "__main__":
    folder, at = Path(sys.argv[1]), sys.argv[2]
    judge.warm()
    trust = pickle.dumps(TrustStore.of_anchors([], [read_list((folder / "lv.xml").read_bytes())]))
    judge.remember_trust(Frame({}, (trust,)))
    late = {}
    for file in sorted(folder.glob("letter.*"), reverse=True):
        before = set(sys.modules)
        words = {
            "name": file.name,
            "at": at,
            "trust": hashlib.sha256(trust).hexdigest(),
            "expected": [],
            "algorithms": TS_119_312.name,
        }
        answer = judge.judge(Frame(words, (file.read_bytes(),)))
        if answer.words["outcome"] != "report":
            raise SystemExit(str(answer.words))
        late[file.name] = sorted(set(sys.modules) - before)
    sys.stdout.write(json.dumps(late))
