# SPDX-License-Identifier: Apache-2.0
"""Prints as JSON what junitparser reads in the given JUnit XML files."""

import json
import sys

from junitparser import Element, Error, Failure, JUnitXml, Skipped


class FlakyFailure(Element):
    _tag = "flakyFailure"


class RerunFailure(Element):
    _tag = "rerunFailure"


KINDS = {Failure: "failed", Error: "error", Skipped: "skipped"}


def status(case):
    found = [(kind, one) for kind in KINDS for one in case.iterchildren(kind)]
    if len(found) > 1:
        raise ValueError("%s has several outcomes" % case.name)
    for kind, one in found:
        return KINDS[kind], one.message, one.text
    return "passed", None, None


def read(case):
    what, message, text = status(case)
    return {
        "class": case.classname,
        "name": case.name,
        "time": case.time,
        "status": what,
        "message": message,
        "text": text,
        "out": case.system_out,
        "properties": {
            p.get("name"): p.get("value") for p in case._elem.iterfind("properties/property")
        },
        "flaky": [one._elem.get("message") for one in case.iterchildren(FlakyFailure)],
        "rerun": [one._elem.get("message") for one in case.iterchildren(RerunFailure)],
    }


def suite(path):
    one = JUnitXml.fromfile(path)
    declared = {key: getattr(one, key) for key in ("tests", "failures", "errors", "skipped")}
    one.update_statistics()
    counted = {key: getattr(one, key) for key in declared}
    return {
        "name": one.name,
        "declared": declared,
        "counted": counted,
        "cases": [read(case) for case in one],
    }


json.dump([suite(path) for path in sys.argv[1:]], sys.stdout)
