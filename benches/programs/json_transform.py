"""Reads JSON records, changes them and writes them back, the records shared out among threads."""

import json

from common import in_threads, main, options, parts


def record(i):
    return json.dumps(
        {
            "id": i,
            "name": "customer %d" % i,
            "tags": ["t%d" % (i % 7), "t%d" % (i % 11), "caf\u00e9"],
            "price": i * 0.25,
            "active": i % 3 == 0,
            "orders": [{"sku": "A%04d" % (i * k % 9973), "count": k, "cost": k * 1.5} for k in range(1, 6)],
            "note": None,
        }
    )


def transform(text):
    data = json.loads(text)
    orders = data.pop("orders")
    data["total"] = sum(order["count"] * order["cost"] for order in orders)
    data["skus"] = sorted({order["sku"] for order in orders})
    data["tags"] = {tag: len(tag) for tag in data["tags"]}
    data["name"] = data["name"].title()
    if data["active"]:
        data["note"] = "line one\nline \"two\""
    return json.dumps(data, sort_keys=True)


def job():
    shares = parts(len(texts), chosen.threads)

    def work(index):
        length = checksum = 0
        for i in shares[index]:
            text = transform(texts[i])
            length += len(text)
            mixed = i
            for char in text[::16]:
                mixed = (mixed * 31 + ord(char)) % 1000003
            checksum += mixed
        return length, checksum

    results = in_threads(chosen.threads, work)
    return "%d records, %d characters, checksum %d" % (
        len(texts),
        sum(length for length, _ in results),
        sum(checksum for _, checksum in results),
    )


chosen = options(__doc__, threads=1, size=120_000)
texts = [record(i) for i in range(chosen.size)]
main(job)
