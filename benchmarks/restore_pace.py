"""Asking for rights lost in the reform: the same pace for usernames that exist and ones that do not (`_pace`).

`python -m benchmarks.restore_pace 1000` takes fewer samples.
"""

from benchmarks._pace import measure

if __name__ == "__main__":
    measure(
        "restore_pace",
        "/restore",
        given_name="Anna",
        surname="Paraudziņa",
        description="Pēc reformas vairs neredzu sava novada iestādes",
    )
