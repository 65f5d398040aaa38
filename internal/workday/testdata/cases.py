"""Writes cases.tsv: 400 terms with their last days, counted by this script alone.

It knows the holidays of the law by rules of its own and shares nothing with the program but two lists of facts: the days
of Kurban Ait and the government's decrees. Run it by hand in this folder after the law has changed:

    python3 cases.py > cases.tsv
"""

import csv
import datetime as dt
import pathlib
import random

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
ONE = dt.timedelta(days=1)


def facts(name):
    with open(DATA / name, newline="", encoding="utf-8") as file:
        return list(csv.reader(file, delimiter="\t"))[1:]


KURBAN = {dt.date.fromisoformat(row[0]) for row in facts("kurban-ait.tsv")}
SWAPS = [(dt.date.fromisoformat(off), dt.date.fromisoformat(work)) for off, work in facts("swaps.tsv")]


def moving_holidays(year):
    """Holidays of Law 267-II and the Labour Code that give a day off elsewhere when they fall on a weekend."""
    days = [(1, 1), (1, 2), (3, 8), (3, 21), (3, 22), (3, 23), (5, 1), (5, 9), (7, 6), (12, 16)]
    if year >= 2013:
        days.append((5, 7))
    if year >= 2022:
        days.append((10, 25))
    else:
        days.append((12, 17))
    if 2012 <= year <= 2021:
        days.append((12, 1))
    if year <= 2025:
        days.append((8, 30))
    if year >= 2027:
        days.append((3, 15))
    return sorted(dt.date(year, m, d) for m, d in days)


def days_off(year):
    holidays = moving_holidays(year)
    fixed = set(holidays) | {dt.date(year, 1, 7)} | {d for d in KURBAN if d.year == year}
    off = set(fixed)
    for holiday in holidays:
        if holiday.isoweekday() >= 6:
            day = holiday
            while day.isoweekday() >= 6 or day in off:
                day += ONE
            off.add(day)
    return off


OFF = set().union(*(days_off(year) for year in range(2011, 2030)))
for off, work in SWAPS:
    OFF.add(off)
WORKED = {work for _, work in SWAPS}


def works(day):
    if day in WORKED:
        return True
    return day.isoweekday() <= 5 and day not in OFF


def last_day(start, days, stops):
    still = set()
    for first, last in stops:
        day = first + ONE
        while day <= last:
            still.add(day)
            day += ONE
    day = start
    while days:
        day += ONE
        if works(day) and day not in still:
            days -= 1
    return day


def starts():
    """Awkward days first, then any."""
    for year in range(2016, 2028):
        for month, day in [(12, 31), (1, 1), (2, 28), (3, 7), (3, 20), (5, 6), (10, 24), (12, 15)]:
            yield dt.date(year, month, day)
    for leap in [dt.date(2016, 2, 29), dt.date(2020, 2, 29), dt.date(2024, 2, 29)]:
        yield leap
    for off, work in SWAPS:
        if off.year >= 2016:
            yield off - ONE
            yield work - ONE
    while True:
        yield dt.date(2016, 1, 1) + random.randrange(12 * 365) * ONE


def main():
    random.seed(25)
    print("from\tdays\tstops\tdue")
    for n, start in zip(range(400), starts()):
        days = random.choice([1, 1, 2, 2, 3, 5, 10, 15, 20, 30])
        stops, at = [], start
        for _ in range(random.choice([0, 0, 1, 1, 2, 3]) if n % 2 else 0):
            at += random.randrange(4) * ONE
            end = at + random.randrange(12) * ONE
            stops.append((at, end))
            at = end
        due = last_day(start, days, stops)
        print(start, days, " ".join(f"{a}..{b}" for a, b in stops), due, sep="\t")


if __name__ == "__main__":
    main()
