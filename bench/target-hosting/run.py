#!/usr/bin/env python3
"""What the target's hosting costs: processor time per Send, as a ratio to Kestrel with one middleware that answers a constant.

Both servers run at once and take turns under the same load, so that a noisy machine is noisy for both; what is compared is their own
processor time, which does not depend on how much of the machine they get. Needs h2load (nghttp2-client); loopback only.

usage: run.py [ROUNDS] [CALLS]     after: dotnet build -c Release src/SpikeBench.Target bench/target-hosting
"""
import os
import re
import statistics
import subprocess
import sys
import tempfile

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
calls = int(sys.argv[2]) if len(sys.argv) > 2 else 40000
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
tick = os.sysconf("SC_CLK_TCK")
request = tempfile.NamedTemporaryFile()
request.write(b"\0\0\0\0\x28\x0a\x06sender\x10\x07\x1a\x1cHappy New Year to all of you")
request.flush()


def start(project, *flags):
    dll = f"{root}/artifacts/bin/{project}/release/{project}.dll"
    server = subprocess.Popen(["dotnet", dll, *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    return server, server.stdout.readline().split()[1]


def cpu_seconds(server):
    fields = open(f"/proc/{server.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / tick


def load(server, address):
    before = cpu_seconds(server)
    output = subprocess.run(["h2load", "-n", str(calls), "-c", "4", "-m", "100", "-d", request.name,
                             "-H", "content-type: application/grpc", "-H", "te: trailers",
                             address + "/spikebench.messenger.v1.Messenger/Send"],
                            capture_output=True, text=True, check=True).stdout
    done = int(re.search(r"(\d+) succeeded", output).group(1))
    assert done == calls, output
    return (cpu_seconds(server) - before) / calls * 1e6


bare, bare_address = start("SpikeBench.TargetHosting")
target, target_address = start("SpikeBench.Target", "--store", "memory", "--parent-stdin")
try:
    for _ in range(3):  # until both are compiled at full optimisation
        load(bare, bare_address)
        load(target, target_address)
    pairs = []
    for i in range(rounds):
        order = [(bare, bare_address), (target, target_address)]
        times = {s.pid: load(s, a) for s, a in (order if i % 2 == 0 else order[::-1])}
        pairs.append((times[bare.pid], times[target.pid]))
        print(f"round {i + 1}: bare {pairs[-1][0]:.2f} us, target {pairs[-1][1]:.2f} us per call")
    ratios = sorted(t / b for b, t in pairs)
    print(f"median: bare {statistics.median(b for b, _ in pairs):.2f} us, target {statistics.median(t for _, t in pairs):.2f} us, "
          f"ratio {statistics.median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")
finally:
    for server in (bare, target):
        server.stdin.close()
        server.wait()
