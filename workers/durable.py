"""The durable process: runs the workflows, and the activities over the store and the model."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from prometheus_client import REGISTRY, start_http_server
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.afterwards import AfterwardsActivities
from activities.analysis import AnalysisActivities, CallMeter
from activities.callback import CallbackActivities
from activities.campaign import CampaignActivities
from activities.crm import ActionMeans, CrmActivities
from activities.customer import CustomerLookup
from activities.desk import DeskActivities
from activities.done_here import ActionsOfCall
from activities.live_call import LiveCallActivities
from activities.outbound import OutboundActivities
from activities.promised_dial import PromisedDialActivities
from activities.texts import CallerTexts
from domain.acting.tenant_tool import ToolWriter
from domain.ports import LanguageModel
from engines.openai_llm import OpenAiModel
from engines.spoken_values import RuleSpokenValues
from storage.actions import PostgresActions
from storage.audit import PostgresAudit
from storage.calls import PostgresCalls
from storage.campaigns.campaigns import PostgresCampaigns
from storage.desk.callbacks import PostgresCallbacks
from storage.desk.handoffs import PostgresHandoffs
from storage.desk.hooks import PostgresDeskHooks
from storage.desk.presence import PostgresPresences
from storage.documents import PostgresDocuments
from storage.feed import PostgresFeed
from storage.keys import PostgresKeyRing, master_key
from storage.outbound import PostgresDialBook
from storage.session import Database
from storage.team import PostgresTeam
from storage.tenants import PostgresTenants
from storage.threads.sending import PostgresThreads
from storage.threads.texts import PostgresTexts
from storage.tools.tickets import PostgresTickets
from storage.tools.visits import PostgresVisits
from tools.proposals import check
from workers.call_meter import PrometheusMeter
from workers.embedded_postgres import app_url
from workers.knowledge.access import knowledge_of
from workers.knowledge.ingesting import ingest_worker
from workers.knowledge.reading import ApartReader
from workers.process import notify
from workers.process.lifeline import leave
from workers.process.main import run
from workers.process.sandbox import sandboxed
from workers.settings import Settings
from workers.threads.answering import Untold, thread_worker
from workers.threads.minds import model_of, thinking
from workers.vendors.correspondence import ConnectedMessaging
from workers.vendors.crm import ConnectedCrms, inside_of
from workers.vendors.foreign_desks import ForeignDesks, messenger_of
from workers.vendors.own_writes import own_writes_of
from workers.vendors.sources import sources_of
from workers.vendors.ticket_watch import TicketWatch
from workflows import search_attributes
from workflows.call import CallWorkflow
from workflows.callback import CallbackWorkflow
from workflows.calls import Calls
from workflows.campaigns.procedure import CampaignWorkflow
from workflows.codec import EncryptionCodec
from workflows.converter import codec_of, connect
from workflows.crm_action import CrmActionWorkflow
from workflows.desk import WaitingHandoffs
from workflows.handoff import HandoffWorkflow
from workflows.outbound.procedure import OutboundCallWorkflow
from workflows.outbound.requests import OutboundCalls
from workflows.post_call import PostCallWorkflow
from workflows.promised.callbacks import PromisedCallbacks
from workflows.queues import ANALYSIS, DURABLE
from workflows.thread import ThreadWorkflow
from workflows.threads import ThreadRequests
from workflows.timeouts import WORKFLOW_STICKS

log = structlog.get_logger()

SUMMARIES = 1
"""At a time, those of briefs among them: a living call's answer must not wait behind more than one for the model."""
SUMMARY_FIRST_TOKEN_MS = 60_000
SUMMARY_TOTAL_MS = 85_000
"""Within SUMMARY_ATTEMPT (timeouts.py). Nobody waits for a summary: it may queue behind living calls."""
CACHED_WORKFLOWS = 500
"""About 1 MiB each in the sandbox; a call that falls out is replayed in milliseconds."""
STOP_WITHIN = timedelta(seconds=5)
"""Activities in flight when told to stop; those cut short are run again by the next worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The activities of the procedures, each set over its own ports."""

    live: LiveCallActivities
    analysis: AnalysisActivities
    afterwards: AfterwardsActivities
    crm: CrmActivities
    desk: DeskActivities
    callback: CallbackActivities
    outbound: OutboundActivities
    promised_dial: PromisedDialActivities
    campaign: CampaignActivities


def means_over(
    client: Client,
    database: Database,
    keys: PostgresKeyRing,
    crms: ConnectedCrms,
    own: ToolWriter | None = None,
    messaging: ConnectedMessaging | None = None,
) -> ActionMeans:
    """What actions are done with."""
    return ActionMeans(
        crm_of=crms.of,
        tenants=PostgresTenants(database, keys),
        calls=PostgresCalls(database, keys),
        visits=PostgresVisits(database),
        callbacks=PromisedCallbacks(client, PostgresCallbacks(database, keys)),
        check=check,
        own=own,
        texts=CallerTexts(PostgresTexts(database, keys), messaging) if messaging is not None else None,
    )


def steps_over(
    client: Client,
    database: Database,
    keys: PostgresKeyRing,
    model: LanguageModel,
    meter: CallMeter,
    crms: ConnectedCrms,
    own: ToolWriter | None = None,
    messaging: ConnectedMessaging | None = None,
) -> Steps:
    calls, tenants, feed = PostgresCalls(database, keys), PostgresTenants(database, keys), PostgresFeed(database)
    handoffs, callbacks = PostgresHandoffs(database, keys), PostgresCallbacks(database, keys)
    actions = PostgresActions(database, keys)
    one_at_a_time = asyncio.Semaphore(SUMMARIES)
    book, codec = PostgresDialBook(database, keys), codec_of(client, keys)
    out, desks = OutboundCalls(client, codec, book), Calls(client, codec)
    presences, audit = PostgresPresences(database), PostgresAudit(database, keys)
    campaigns = PostgresCampaigns(database, keys)
    return Steps(
        live=LiveCallActivities(calls),
        analysis=AnalysisActivities(calls, model, meter, one_at_a_time),
        afterwards=AfterwardsActivities(calls, actions, callbacks, crms.wanted, campaigns, audit),
        crm=CrmActivities(actions, means_over(client, database, keys, crms, own, messaging)),
        desk=DeskActivities(
            handoffs=handoffs,
            team=PostgresTeam(database),
            tenants=tenants,
            calls=calls,
            feed=feed,
            waker=WaitingHandoffs(client, handoffs),
            facts=ActionsOfCall(actions),
            customers=CustomerLookup(crms.of, callbacks, partial(_writes_from, PostgresThreads(database, keys))),
            openings=book,
            model=model,
            one_at_a_time=one_at_a_time,
        ),
        callback=CallbackActivities(callbacks=callbacks, tenants=tenants, calls=calls, feed=feed),
        outbound=OutboundActivities(
            callbacks=callbacks,
            tenants=tenants,
            calls=calls,
            book=book,
            audit=audit,
        ),
        promised_dial=PromisedDialActivities(
            callbacks=callbacks,
            tenants=tenants,
            calls=calls,
            presences=presences,
            out=out,
            desks=desks,
        ),
        campaign=CampaignActivities(
            book=campaigns, tenants=tenants, presences=presences, out=out, desks=desks, audit=audit
        ),
    )


async def _writes_from(threads: PostgresThreads, tenant_id: str, call_id: str) -> str | None:
    thread = await threads.thread(tenant_id, call_id)
    return None if thread is None else thread.address


PROCEDURES: Sequence[type] = (
    CallWorkflow,
    CallbackWorkflow,
    CampaignWorkflow,
    CrmActionWorkflow,
    HandoffWorkflow,
    OutboundCallWorkflow,
    PostCallWorkflow,
    ThreadWorkflow,
)


def durable_workers(client: Client, steps: Steps, procedures: Sequence[type] = PROCEDURES) -> tuple[Worker, Worker]:
    """The procedures with their short activities, and the summaries, which wait for one another in their own queue."""
    live, analysis, crm = steps.live, steps.analysis, steps.crm
    durable = Worker(
        client,
        task_queue=DURABLE,
        workflows=procedures,
        workflow_runner=sandboxed(),
        activities=[
            live.set_call_state,
            live.end_call,
            analysis.turns_are_stored,
            analysis.summarise_by_rule,
            analysis.measure,
            steps.afterwards.heed_opt_out,
            steps.afterwards.due,
            crm.note_begun,
            crm.perform,
            crm.settle,
            *steps.desk.all,
            *steps.callback.all,
            *steps.outbound.all,
            *steps.promised_dial.all,
            *steps.campaign.all,
        ],
        max_cached_workflows=CACHED_WORKFLOWS,
        # What a killed worker had in its hands, or was to be given first, goes to its successor as soon as that is up.
        sticky_queue_schedule_to_start_timeout=WORKFLOW_STICKS,
        graceful_shutdown_timeout=STOP_WITHIN,
    )
    summaries = Worker(
        client,
        task_queue=ANALYSIS,
        activities=[analysis.summarise],
        max_concurrent_activities=SUMMARIES,
        graceful_shutdown_timeout=STOP_WITHIN,
    )
    return durable, summaries


async def serve(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT.

    Temporal that does not answer is no wrong configuration: the process ends with its error, and is started again.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    database = Database(app_url(settings))
    model = _model(settings)
    keys = PostgresKeyRing(database, master_key(settings.keys_dir))
    crms = ConnectedCrms(database, keys, inside_of(settings))
    knowledge = knowledge_of(settings)
    answers = model_of(settings)
    messaging = ConnectedMessaging(database, keys, PostgresTenants(database, keys), crms, settings.hook_origin)
    try:
        codec = EncryptionCodec(keys)
        client = await connect(settings.temporal_address, settings.temporal_namespace, codec)
        await _register_search_attributes(client)
        if settings.durable_metrics_port is not None:
            start_http_server(settings.durable_metrics_port, addr="127.0.0.1")
        own = own_writes_of(settings, database, keys)
        steps = steps_over(client, database, keys, model, PrometheusMeter(REGISTRY), crms, own, messaging)
        workers = durable_workers(client, steps)
        ingest = ingest_worker(client, PostgresDocuments(database, keys), ApartReader(), knowledge)
        think = thinking(
            answers,
            RuleSpokenValues(),
            knowledge,
            settings.knowledge_ms,
            sources_of(settings, database, keys, crms),
            writes_answers=settings.knowledge_written,
            model_leads=settings.llm_leads,
        )
        writing = thread_worker(client, database, keys, messaging, think)
        async with contextlib.AsyncExitStack() as running:
            for worker in (*workers, ingest, writing):
                await running.enter_async_context(worker)
            telling = asyncio.create_task(ForeignDesks(PostgresDeskHooks(database, keys), messenger_of(settings)).run())
            running.callback(telling.cancel)
            watching = asyncio.create_task(TicketWatch(PostgresTickets(database), crms).run())
            running.callback(watching.cancel)
            untold = Untold(PostgresThreads(database, keys), ThreadRequests(client, codec))
            handing_over = asyncio.create_task(untold.run())
            running.callback(handing_over.cancel)
            notify.ready()
            await stop.wait()
    finally:
        await knowledge.close()
        await messaging.close()
        await crms.close()
        await answers.close()
        await model.close()
        await database.close()


def _model(settings: Settings) -> OpenAiModel:
    return OpenAiModel(
        settings.llm_url,
        settings.llm_model,
        api_key=settings.llm_api_key.get_secret_value() if settings.llm_api_key else None,
        first_token_ms=SUMMARY_FIRST_TOKEN_MS,
        total_ms=SUMMARY_TOTAL_MS,
        llama_server=settings.llm_model == "embedded",
    )


async def _register_search_attributes(client: Client) -> None:
    """A cluster may not let us; then its administrator has registered them, or calls fail visibly."""
    try:
        await search_attributes.register(client)
    except RPCError as error:
        log.warning("search_attributes_not_registered", reason=error.status.name)


def main() -> int:
    return run(lambda: serve(Settings()))


if __name__ == "__main__":
    leave(main())
