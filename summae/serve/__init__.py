"""``summae serve``: a page in the browser and a REST service, one process.

    server.py    sockets, signals, uvicorn            connections.py  clients that do not get to the point
    app.py       the routes                           messages.py  what goes in and comes out, for OpenAPI
    guards.py    what every request passes first
    desk.py      texts to summaries, in two lanes     lanes.py     a queue, its thread, micro-batches
    reading.py   dropped files to texts               metrics.py   what Prometheus is told
    limits.py    how much is too much                 refusals.py  one JSON shape for every error
    page/        the page: HTML, CSS and JavaScript by hand, nothing from another host

Needs the extra ``serve``; nothing here imports torch.
"""
