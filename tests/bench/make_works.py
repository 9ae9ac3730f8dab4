#!/usr/bin/env python3
"""Writes the works of bench-works into a folder: WORK.asl.json and WORK.input.json.

usage: make_works.py FOLDER
"""
import json
import pathlib
import sys

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"
PAYLOAD_BYTES = 262144 - 300  # AWS's limit, and room for what the states add


def text_of(value):
    return json.dumps(value, separators=(",", ":"))


def chain(names, state_of):
    """The states of a chain, in which each but the last has a next one."""
    states = {}
    for i, name in enumerate(names):
        way = {"Next": names[i + 1]} if i + 1 < len(names) else {"End": True}
        states[name] = state_of(i) | way
    return {"StartAt": names[0], "States": states}


def order():
    """An order-like flow of six states, two of which are tasks."""
    parameters = {"order.$": "$.order", "ref.$": "States.Format('ord-{}',$.order.id)"}
    return {"StartAt": "Init", "States": {
        "Init": {"Type": "Pass", "Parameters": parameters, "Next": "HasItems"},
        "HasItems": {"Type": "Choice", "Default": "Rejected", "Choices": [
            {"Variable": "$.order.qty", "NumericGreaterThan": 0, "Next": "Price"}]},
        "Price": {"Type": "Task", "Resource": FUNCTION + "price", "ResultPath": "$.price",
                  "Parameters": {"sku.$": "$.order.sku", "qty.$": "$.order.qty"}, "Next": "IsBig"},
        "IsBig": {"Type": "Choice", "Default": "Rejected", "Choices": [{"Next": "Ship", "And": [
            {"Variable": "$.price.total", "NumericGreaterThanEquals": 100},
            {"Variable": "$.order.country", "StringEquals": "DE"}]}]},
        "Ship": {"Type": "Task", "Resource": FUNCTION + "ship", "InputPath": "$.order",
                 "ResultPath": "$.shipment", "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Rejected": {"Type": "Fail", "Error": "Rejected", "Cause": "no"}}}


def counter():
    """A loop to 1,000."""
    return {"StartAt": "Init", "States": {
        "Init": {"Type": "Pass", "Result": {"i": 0}, "Next": "Add"},
        "Add": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i,1)"}, "Next": "More"},
        "More": {"Type": "Choice", "Default": "Done", "Choices": [
            {"Variable": "$.i", "NumericLessThan": 1000, "Next": "Add"}]},
        "Done": {"Type": "Succeed"}}}


def lines():
    """A Map whose iterations are one Pass with two intrinsics."""
    parameters = {"sku.$": "$.sku", "line.$": "States.Format('{}-{}',$.sku,$.qty)",
                  "next.$": "States.MathAdd($.qty,1)"}
    return {"StartAt": "Each", "States": {
        "Each": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 0, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Line",
            "States": {"Line": {"Type": "Pass", "Parameters": parameters, "End": True}}},
            "Next": "Done"},
        "Done": {"Type": "Succeed"}}}


def items(count):
    return {"items": [{"sku": f"sku-{i}", "qty": i % 17} for i in range(count)]}


def branches():
    """Ten branches of twenty Pass states."""
    def branch(k):
        return chain([f"B{k}P{i}" for i in range(20)],
                     lambda i: {"Type": "Pass", "Result": {"k": k, "i": i}, "ResultPath": "$.last"})
    return {"StartAt": "Par", "States": {
        "Par": {"Type": "Parallel", "Branches": [branch(k) for k in range(10)], "Next": "Done"},
        "Done": {"Type": "Succeed"}}}


def hello():
    return {"StartAt": "Hello", "States": {
        "Hello": {"Type": "Pass", "Result": {"hello": "world"}, "End": True}}}


def steps():
    """Twenty Pass states, each with everything that shapes a payload."""
    return chain([f"S{i}" for i in range(20)],
                 lambda i: {"Type": "Pass", "InputPath": "$.doc.meta",
                            "Parameters": {"n": i, "tag.$": "$.tag"},
                            "ResultPath": "$.doc.step", "OutputPath": "$"})


def row(i):
    price = i * 1.25
    return {"id": i, "name": f"row number {i}", "price": int(price) if price == int(price) else price,
            "flags": [True, False, None],
            "note": f"lorem ipsum dolor sit amet consectetur {i * 31 % 1000}"}


def payload():
    """A document just below the limit of a payload."""
    document = {"doc": {"meta": {"tag": "t1", "who": "bench"}, "rows": []}}
    rows = document["doc"]["rows"]
    size = len(text_of(document))
    while size < PAYLOAD_BYTES:
        rows.append(row(len(rows)))
        size += len(text_of(rows[-1])) + (len(rows) > 1)
    return document


ORDER = {"order": {"id": "A-1001", "sku": "widget", "qty": 7, "country": "DE",
                   "customer": {"name": "Jane Doe", "tier": "gold"}}}
FILES = {"a.asl": order(), "a.input": ORDER, "b.asl": counter(), "b.input": {},
         "c.asl": lines(), "c.input": items(10000), "c1k.input": items(1000),
         "d.asl": branches(), "d.input": {"id": 1, "name": "x"},
         "f.asl": hello(), "f.input": {}, "g.asl": steps(), "g.input": payload()}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_works.py FOLDER")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in FILES.items():
        (folder / f"{name}.json").write_text(text_of(value), encoding="utf-8")


main()
