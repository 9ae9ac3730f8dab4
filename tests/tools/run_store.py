#!/usr/bin/env python3
"""asl-store as a person and a program meet it: figures, problems, copies, and what is purged.

usage: run_store.py TOOLS [TEST]...     TOOLS is the folder of the built programs
"""

import json
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True

import run_tools


class Upkeep(run_tools.ToolTest):
    def setUp(self):
        super().setUp()
        self.write("pass.asl.json", '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}')

    def run_some(self, *names):
        for name in names:
            result = self.run_tool("--name", name, self.path / "pass.asl.json")
            self.expect(result, 0, stderr="^$")

    def look_after(self, *arguments, code=0, stderr="^$", store=True):
        result = self.run_tool(*arguments, tool="asl-store", store=store)
        self.expect(result, code, stderr=stderr)
        return result.stdout.decode()

    def figures(self, *arguments, **how):
        return json.loads(self.look_after("-o", "json", *arguments, **how))

    def test_statistics(self):
        self.run_some("one", "two")
        figures = self.figures("stats")
        self.assertEqual(
            (figures["executions"], figures["names"], figures["active"], figures["durability"]),
            (2, 2, 0, "full"),
        )
        self.assertGreater(figures["file"], 0)
        table = self.look_after("stats")
        self.assertRegex(table, r"executions +2 +with a history\n")
        self.assertRegex(table, r"file +[0-9.]+ KiB +on the disk\n")
        self.assertNotIn("\x1b", table)

    def test_a_whole_store_says_so_and_prints_nothing(self):
        self.run_some("one")
        self.assertEqual(self.look_after("verify", stderr="the store is whole"), "")
        self.assertEqual(self.look_after("-q", "--deep", "verify"), "")

    def test_damage_is_a_line_each_and_fails(self):
        self.run_some("one", "two")
        path = self.store / "data.mdb"
        data = bytearray(path.read_bytes())
        places = [i for i in range(len(data)) if data.startswith(b"PassStateEntered", i)]
        places = places or [i for i in range(len(data)) if data.startswith(b'{"StartAt"', i)]
        self.assertTrue(places)
        for place in places:
            data[place] ^= 1
        path.write_bytes(data)
        lines = self.look_after("verify", code=6, stderr="problem").splitlines()
        self.assertTrue(any("damaged" in line for line in lines), lines)
        said = self.look_after("-o", "jsonl", "verify", code=6, stderr="problem").splitlines()
        self.assertEqual([json.loads(line)["problem"] for line in said], lines)

    def test_a_backup_can_be_used(self):
        self.run_some("one", "two")
        copy = self.path / "copy"
        self.look_after("backup", copy)
        self.look_after("backup", copy, code=2, stderr="there is something in")
        self.run_some("three")
        self.assertEqual(self.figures("--store", copy, "stats", store=False)["executions"], 2)
        self.look_after("--store", copy, "--deep", "verify", stderr="whole", store=False)

    def test_purging(self):
        self.run_some("one", "two", "three")
        self.look_after("purge", code=2, stderr="needs --older-than or --keep")
        self.look_after("--older-than", "3x", "purge", code=2, stderr="number and s, m, h or d")
        self.look_after("--keep", "-1", "purge", code=2, stderr="takes a number")
        self.assertEqual(self.figures("--older-than", "1h", "purge")["executions"], 0)
        self.assertEqual(self.figures("--keep", "1", "purge")["executions"], 2)
        self.assertEqual(self.figures("stats")["executions"], 1)
        self.look_after("--deep", "verify", stderr="whole")
        self.assertRegex(self.look_after("--older-than", "0s", "purge"), r"executions +1 +are gone")
        result = self.run_tool("--name", "one", self.path / "pass.asl.json")
        self.assertNotEqual(result.returncode, 0)

    def test_compacting(self):
        self.run_some(*["n%d" % i for i in range(20)])
        self.figures("--keep", "0", "purge")
        before = self.figures("stats")["file"]
        self.look_after("compact")
        self.assertLessEqual(self.figures("stats")["file"], before)
        self.assertEqual(self.figures("stats")["free"], 0)
        self.look_after("verify", stderr="whole")

    def test_a_store_that_somebody_writes_is_only_looked_at(self):
        path = self.write(
            "wait.asl.json",
            '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}',
        )
        process = self.start_tool("--name", "long", path)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.wait_for_event("long", "WaitStateEntered")
        said = "process %d uses the store" % process.pid
        self.look_after("--keep", "0", "purge", code=6, stderr=said)
        self.look_after("compact", code=6, stderr=said)
        self.assertEqual(self.figures("stats")["executions"], 1)
        self.look_after("verify", stderr="the store is whole")

    def test_usage(self):
        self.look_after(code=2, stderr="what is to be done")
        self.look_after("eat", code=2, stderr="unknown: eat")
        self.look_after("backup", code=2, stderr="needs a folder")
        self.look_after("stats", "more", code=2, stderr="no operand")
        self.look_after("--deep", "stats", code=2, stderr="--deep is for verify")
        self.look_after("--keep", "1", "verify", code=2, stderr="are for purge")
        nowhere = self.path / "nowhere"
        self.look_after("-s", nowhere, "stats", code=6, stderr="there is no store", store=False)
        self.look_after("-s", nowhere, "compact", code=6, stderr="there is no store", store=False)
        self.look_after("-s", "memory", "stats", code=2, stderr="in memory", store=False)


if __name__ == "__main__":
    run_tools.TOOLS = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
