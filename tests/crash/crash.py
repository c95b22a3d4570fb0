"""Kills trainings, and lets their system calls fail, and checks what is left.

After each: the checkpoint and the model are whole, what goes on from there ends in the bytes of a run that nothing happened to, and
no temporary files pile up.

usage: crash.py BINARIES FAULTS [COUNT [SEED]]     the folder of the commands, the library of faults.cpp; COUNT of each kind, 50
"""

import errno
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{8}\.tmp")
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EACCES": errno.EACCES}
CALLS = ("open", "write", "fsync", "fchmod", "linkat", "renameat", "unlinkat")


class Failure(Exception):
    pass


def require(condition, message):
    if not condition:
        raise Failure(message)


class Training:
    """A short training that saves itself after every batch."""

    def __init__(self, command, options, binaries, faults):
        self.faults = faults
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tapegrad-crash-"))
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="tapegrad-crash-data-"))
        self.name = command
        self.arguments = [str(binaries / command), "train", *options(self.data), "--threads", "1", "--seed", "3", "--resume",
                          "--checkpoint", str(self.folder / "run.ck"), "--checkpoint-minutes", "0",
                          "--out", str(self.folder / "model.tg"), "--curves", str(self.folder / "curves")]
        begin = time.monotonic()
        result = self.run({"FAULT_COUNT": str(self.data / "count")})
        self.seconds = time.monotonic() - begin
        require(result.returncode == 0, f"the training failed: {result.stderr}")
        self.calls = int((self.data / "count").read_text())
        self.model = (self.folder / "model.tg").read_bytes()
        self.files = self.names()
        require("run.ck" in self.files and "curves.csv" in self.files, f"the training left {self.files}")

    def remove(self):
        shutil.rmtree(self.folder)
        shutil.rmtree(self.data)

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def clear(self):
        for path in self.folder.iterdir():
            path.unlink()

    def start(self, faults):
        environment = dict(os.environ, LD_PRELOAD=str(self.faults), FAULT_FOLDER=str(self.folder), **faults)
        return subprocess.Popen(self.arguments, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def run(self, faults):
        process = self.start(faults)
        process.stderr_text = process.communicate()[1]
        return subprocess.CompletedProcess(self.arguments, process.returncode, "", process.stderr_text)

    def count(self, calls):
        """How many of these calls an undisturbed run makes."""
        self.clear()
        result = self.run({"FAULT_CALLS": calls, "FAULT_COUNT": str(self.data / "count")})
        require(result.returncode == 0, f"the training failed: {result.stderr}")
        return int((self.data / "count").read_text())

    def check(self, most_temporary):
        """That a resumed run ends as if nothing had happened."""
        temporary = [name for name in self.names() if TEMPORARY.fullmatch(name)]
        require(len(temporary) <= most_temporary, f"there are temporary files: {temporary}")
        strange = set(self.names()) - set(self.files) - set(temporary)
        require(not strange, f"there are strange files: {strange}")
        if (self.folder / "model.tg").exists():
            require((self.folder / "model.tg").read_bytes() == self.model, "the model is another")
        result = self.run({})
        require(result.returncode == 0, f"the resumed training failed: {result.stderr}")
        require((self.folder / "model.tg").read_bytes() == self.model, "the resumed training made another model")
        require(self.names() == self.files, f"the resumed training left {self.names()}, not {self.files}")


def killed_at_a_moment(training, chance):
    training.clear()
    process = training.start({})
    time.sleep(chance.uniform(0.0, training.seconds))
    process.kill()
    process.communicate()
    training.check(most_temporary=1)
    return f"killed at a moment of {training.seconds:.2f} s"


def killed_at_a_call(training, chance):
    training.clear()
    faults = {"FAULT": chance.choice(("kill", "kill", "tear")), "FAULT_AT": str(chance.randint(1, training.calls))}
    if chance.random() < 0.3:
        faults["FAULT_NAMED"] = "1"
    result = training.run(faults)
    require(result.returncode in (0, -signal.SIGKILL), f"{faults}: exit code {result.returncode}: {result.stderr}")
    training.check(most_temporary=1)
    return f"{faults}"


def with_an_error(training, chance, counts):
    training.clear()
    calls = chance.choice([name for name in CALLS if counts[name] > 0])
    name, number = chance.choice(list(ERRORS.items()))
    faults = {"FAULT": str(number), "FAULT_CALLS": calls, "FAULT_AT": str(chance.randint(1, counts[calls]))}
    if chance.random() < 0.3:
        faults["FAULT_STAYS"] = "1"
    result = training.run(faults)
    told = f"{name} {faults}: exit code {result.returncode}: {result.stderr}"
    require(result.returncode in (0, 1), told)
    # What fails is told, but for a look at whether a file is there or in use, and for a file that is left to be swept.
    lines = [line for line in result.stderr.splitlines() if os.strerror(number) in line]
    require(lines or calls in ("open", "unlinkat"), told)
    if result.returncode == 1:
        require(len(lines) >= 1 and str(training.folder) in lines[-1], told)
        require(not (training.folder / "model.tg").exists() or calls == "fsync", told)
    training.check(most_temporary=1 if calls == "unlinkat" else 0)
    return told


def sequence_options(folder):
    data = folder / "events.tsv"
    rows = [f"{session}\t{(session + step * step) % 9}\t{session * 10 + step}" for session in range(24) for step in range(4)]
    data.write_text("session\titem\ttime\n" + "\n".join(rows) + "\n")
    return ["--task", "sessions", "--train", str(data), "--test", str(data), "--model", "gru", "--width", "4", "--batch", "8",
            "--max-epochs", "2", "--quiet"]


def recommend_options(folder):
    data = folder / "events.csv"
    rows = [f"{user},{(user * 3 + step) % 11},5,{user * 10 + step}" for user in range(12) for step in range(5)]
    data.write_text("user,item,rating,timestamp\n" + "\n".join(rows) + "\n")
    return ["--data", str(data), "--model", "neumf", "--factors", "2", "--batch", "64", "--epochs", "2", "--quiet"]


def classify_options(folder):
    data = folder / "reviews.csv"
    rows = [f"{'a lovely' if row % 3 else 'an awful'} thing number {row % 7},{'good' if row % 3 else 'bad'}" for row in range(60)]
    data.write_text("text,label\n" + "\n".join(rows) + "\n")
    return ["--data", str(data), "--model", "lstm", "--width", "3", "--embedding", "3", "--batch", "12", "--max-epochs", "2",
            "--baselines", "none", "--gradient-norms", "--quiet"]


def main():
    if len(sys.argv) not in (3, 4, 5):
        sys.exit(__doc__)
    binaries, faults = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(1 << 32)
    print(f"crash: seed {seed}")
    chance = random.Random(seed)
    trainings = [Training("tg-sequence", sequence_options, binaries, faults),
                 Training("tg-recommend", recommend_options, binaries, faults),
                 Training("tg-classify", classify_options, binaries, faults)]
    counts = [{name: training.count(name) for name in CALLS} for training in trainings]
    kinds = {"killed at a moment": lambda i: killed_at_a_moment(trainings[i], chance),
             "killed at a system call": lambda i: killed_at_a_call(trainings[i], chance),
             "with an error injected": lambda i: with_an_error(trainings[i], chance, counts[i])}
    failures = 0
    for kind, trial in kinds.items():
        begin = time.monotonic()
        for number in range(count):
            try:
                trial(number % len(trainings))
            except Failure as failure:
                failures += 1
                print(f"crash: {kind}, number {number} ({trainings[number % len(trainings)].name}): {failure}")
        print(f"crash: {count} trainings {kind}: {time.monotonic() - begin:.0f} s")
    for training in trainings:
        training.remove()
    if failures:
        sys.exit(f"crash: {failures} failures; the seed was {seed}")


main()
