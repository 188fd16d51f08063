"""The app: routes, the layers around them, and the check that every route says who may use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from gateway import auth, calls, codec, health, history, pages, problems, recordings, sites
from gateway.access import require_rules
from gateway.connections import consent, routes
from gateway.deps import GatewayDeps
from gateway.desk import board, callbacks, handoffs, hooks, state, tasks
from gateway.knowledge import documents, search
from gateway.live import socket as live
from gateway.outbound import callbacks as dialled_callbacks
from gateway.outbound import campaigns
from gateway.outbound import routes as outbound
from gateway.shell import Bodies, Observe, SecurityHeaders, Sharing
from gateway.team import hours, profile, queues, transfer, users, voices
from gateway.threads import hooks as message_hooks
from gateway.threads import messages
from gateway.tools import orders, own, servers

TOOLS = (own, servers, orders)
DESK = (state, handoffs, callbacks, tasks, board, hooks)
OUTBOUND = (outbound, dialled_callbacks, campaigns)
TEAM = (users, queues, profile, hours, transfer, voices)
KNOWLEDGE = (documents, search)
CONNECTIONS = (consent, routes)
THREADS = (message_hooks, messages)


def create_app(deps: GatewayDeps) -> FastAPI:
    """The whole gateway over the ports in `deps`; raises RuntimeError for a route without an access rule."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        deps.passwords.close()
        for close in deps.closing:
            await close()

    # No generated documentation: its page loads scripts from elsewhere. docs/protocol.md is the reference.
    app = FastAPI(title="Hatif", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.deps = deps
    app.state.open_sockets = Counter[str]()
    # The pages come last: their address takes everything that is left.
    rooms = (*OUTBOUND, *DESK, *TEAM, *KNOWLEDGE, *TOOLS, *CONNECTIONS, *THREADS)
    for module in (health, auth, sites, calls, history, recordings, codec, live, *rooms, pages):
        app.include_router(module.router)
    problems.install(app)
    # The last one added is the outermost.
    app.add_middleware(Bodies)
    app.add_middleware(Sharing, config=deps.config)
    app.add_middleware(SecurityHeaders, config=deps.config)
    app.add_middleware(Observe, deps=deps)
    require_rules(app)
    return app
