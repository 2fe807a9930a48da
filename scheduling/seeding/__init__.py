"""Made-up customers, cars and visits that hold together, for a shop without its own data.

Rules: everything follows from `--seed` and `--today`, so the same call makes the same
shop; every row is marked (`origin` or `source` is "seed"); numbers are 555-01XX and
e-mail addresses example.com, which reach nobody; bay time is handed out from calendars
in memory under the same rules as bookings, and the database's constraints have the last
word. Modules: `people`, `cars` and `past` make rows, `shopdays` plans visits, `rows`
brings them into the database by COPY, `seed` conducts, `checks` proves the result.
"""
