"""The product of two square matrices of floats, its rows shared out among threads."""

from common import in_threads, main, options, parts


def matrix(size, seed):
    """Small whole numbers as floats, so that sums are exact in any order."""
    return [[float((i * seed + j * (seed + 4) + i * j) % 19 - 9) for j in range(size)] for i in range(size)]


def job():
    size = chosen.size
    a = matrix(size, 3)
    columns = list(zip(*matrix(size, 7)))
    product = [None] * size
    shares = parts(size, chosen.threads)

    def work(index):
        for i in shares[index]:
            line = a[i]
            out = []
            for column in columns:
                total = 0.0
                for k in range(size):
                    total += line[k] * column[k]
                out.append(total)
            product[i] = out

    in_threads(chosen.threads, work)
    weighted = 0
    for i, line in enumerate(product):
        for j, value in enumerate(line):
            weighted = (weighted * 31 + int(value) + i * j) % 1000000007
    return "trace %.1f, checksum %d" % (sum(product[i][i] for i in range(size)), weighted)


chosen = options(__doc__, threads=1, size=440)
main(job)
