"""``summae serve``: a page in the browser and a REST service, one process.

    server.py        sockets, signals, uvicorn          connections.py      clients that do not get to the point
    app.py           the routes                         messages.py         what goes in and comes out, for OpenAPI
    guards.py        what every request passes first    limits.py           how much is too much
    scheduler.py     texts to summaries, by two queues  worker_queue.py     a queue, its thread, micro-batches
    prometheus.py    what Prometheus is told            document_reader.py  dropped files to texts
    refusals.py      one JSON shape for every error
    page/            the page: HTML, CSS and JavaScript by hand, nothing from another host

Needs the extra ``serve``; nothing here imports torch.
"""
