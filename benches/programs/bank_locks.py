"""A bank: transfers between accounts that each have a lock; both locks are taken in the order of the accounts."""

import threading

from common import in_threads, main, options, parts

ACCOUNTS = 500


class Account:
    def __init__(self, number, balance):
        self.number = number
        self.balance = balance
        self.moves = 0
        self.lock = threading.Lock()


def transfer(source, target, amount):
    first, second = (source, target) if source.number < target.number else (target, source)
    with first.lock, second.lock:
        source.balance -= amount
        source.moves += 1
        target.balance += amount
        target.moves += 1


def job():
    accounts = [Account(i, 1000) for i in range(ACCOUNTS)]
    shares = parts(chosen.size, chosen.threads)

    def work(index):
        for n in shares[index]:
            state = (n * 2654435761 + 12345) % 4294967296
            source = state % ACCOUNTS
            target = (source + 1 + (state >> 9) % (ACCOUNTS - 1)) % ACCOUNTS
            transfer(accounts[source], accounts[target], (state >> 20) % 100)

    in_threads(chosen.threads, work)
    checksum = 0
    for account in accounts:
        checksum = (checksum * 31 + account.balance + account.moves * 7) % 1000000007
    return "total %d, moves %d, checksum %d" % (
        sum(a.balance for a in accounts),
        sum(a.moves for a in accounts),
        checksum,
    )


chosen = options(__doc__, threads=1, size=3_000_000)
main(job)
