"""Histories as the peers read them: a line of text per history with a token per click, or an event log in CSV."""
import csv
import gzip


def read_lines(path):
    """One history per line, tokens separated by blanks: the form that word2vec, fastText and gensim's LineSentence read."""
    with open(path, encoding="ascii") as file:
        return [line.split() for line in file]


def read_events(path, history, category):
    """Distinct categories of every history in the order of the file; histories of one category are left out."""
    opened = gzip.open if path.endswith(".gz") else open
    clicks = {}
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        user, item = header.index(history), header.index(category)
        for row in rows:
            if row[user] and row[item]:
                clicks.setdefault(row[user], {})[row[item]] = None
    return [list(categories) for categories in clicks.values() if len(categories) > 1]


def ordered_pairs(histories):
    """Ordered pairs of different clicks in one history."""
    return sum(len(history) * (len(history) - 1) for history in histories)


def write_matrix(path, tokens, matrix, rows):
    """Row number of `c17` is 17. Rows that the peer does not know stay zero; little-endian float32, row-major."""
    import numpy

    table = numpy.zeros((rows, matrix.shape[1]), dtype="<f4")
    table[[int(token[1:]) for token in tokens]] = matrix
    table.tofile(path)
