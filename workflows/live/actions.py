"""A call's actions in other systems: each is a workflow of its own, begun once however often it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from temporalio import workflow
from temporalio.exceptions import FailureError
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from domain.acting.action import ActAsked, ActionStart, ActionState, ActResult
from domain.acting.aim import CANCEL, NOTHING_TO_ACT_ON, OF_KEY, aim_of
from domain.acting.limits import needs_approval
from domain.actions import action_key
from workflows import timeouts
from workflows.crm_action import CrmActionWorkflow
from workflows.live.outcomes import failure
from workflows.live.state import LiveCall
from workflows.patience import until
from workflows.queues import DURABLE, action_workflow_id

MOST_REPEATS = 100
"""Confirmed repetitions of one thing in a call: beyond any that a caller makes."""


@dataclass(slots=True)
class _Action:
    """One key's action: how it was first asked for, its workflow once it is started, and what it came to."""

    asked: ActAsked
    child: ChildWorkflowHandle[CrmActionWorkflow, ActResult] | None = None
    result: ActResult | None = None


@dataclass(slots=True)
class CallActions:
    call: LiveCall
    _actions: dict[str, _Action] = field(default_factory=dict[str, _Action], init=False)
    _aims: dict[str, ActAsked] = field(default_factory=dict[str, ActAsked], init=False)
    """What each asking turned out to be about."""

    async def act(self, asked: ActAsked) -> ActResult:
        """What came of it, or that it is still on its way."""
        aimed = await self._aimed(asked)
        if aimed is None:
            key = action_key(self.call.start.call_id, asked.action, {"subject": asked.subject})
            return ActResult(key=key, action=asked.action, state=ActionState.REJECTED, reason=NOTHING_TO_ACT_ON)
        asked = aimed
        key = self._key(asked)
        action = self._actions.get(key)
        known = action is not None and action.result is not None
        if action is None:
            earlier = sum(each.asked.action == asked.action for each in self._actions.values())
            if needs_approval(asked.action, earlier):
                asked = replace(asked, needs_approval=True)
            action = self._actions[key] = _Action(asked)
            await self._begin(action, key, asked)
        await until(lambda: action.result is not None, timeouts.ACTION_ANSWER)
        if action.result is not None:
            return replace(action.result, known=known)
        standing = ActionState.WAITING_APPROVAL if action.asked.needs_approval else ActionState.RUNNING
        return ActResult(key=key, action=asked.action, state=standing)

    async def _aimed(self, asked: ActAsked) -> ActAsked | None:
        """With the earlier action of this call that it is about, where it is about one; None where there is none."""
        aim = aim_of(asked)
        if aim is None:
            return asked
        if asked.asking in self._aims:
            return self._aims[asked.asking]
        target = self._latest(aim.at, also_taken_back=asked.action == CANCEL)
        if target is not None:
            await until(lambda: target.result is not None, timeouts.ACTION_ANSWER)
        if target is None or target.result is None or target.result.state is not ActionState.DONE:
            return None
        aimed = aim.on(asked, target.result)
        if asked.asking:
            self._aims[asked.asking] = aimed
        return aimed

    def _latest(self, action: str, *, also_taken_back: bool) -> _Action | None:
        """That of this kind which was asked for last. To take it back twice is to take it back, and no other one."""
        back = set[str]() if also_taken_back else self._taken_back()
        kept = [each for key, each in self._actions.items() if each.asked.action == action and key not in back]
        return kept[-1] if kept else None

    def _taken_back(self) -> set[str]:
        """The keys of what was taken back, or is being."""
        cancels = [each for each in self._actions.values() if each.asked.action == CANCEL]
        failed = (ActionState.REJECTED, ActionState.UNKNOWN)
        kept = [each for each in cancels if each.result is None or each.result.state not in failed]
        return {each.asked.slots.get(OF_KEY, "") for each in kept}

    def _key(self, asked: ActAsked) -> str:
        """Of the action that this asks for, which may be one that was asked for with more words, or fewer."""
        words = set(asked.subject.split())
        back, undone = self._taken_back(), 0
        for key, action in self._actions.items():
            earlier = action.asked
            known = set(earlier.subject.split())
            alike = words <= known or known <= words
            if alike and (earlier.action, earlier.repeat) == (asked.action, asked.repeat):
                if key not in back:
                    return key
                undone += 1
        call_id = self.call.start.call_id
        # What was taken back and is asked for again is another one.
        repeat = asked.repeat + undone * MOST_REPEATS
        return action_key(call_id, asked.action, {"subject": asked.subject}, repeat=repeat)

    async def _begin(self, action: _Action, key: str, asked: ActAsked) -> None:
        """An action outlives its call: what was promised is done, whether or not the caller still waits."""
        start = self.call.start
        try:
            child = await workflow.start_child_workflow(
                CrmActionWorkflow.run,
                ActionStart(
                    tenant_id=start.tenant_id,
                    call_id=start.call_id,
                    key=key,
                    action=asked.action,
                    slots=asked.slots,
                    lease=asked.lease,
                    language=asked.language,
                    needs_approval=asked.needs_approval,
                ),
                id=action_workflow_id(start.call_id, key),
                task_queue=DURABLE,
                task_timeout=timeouts.WORKFLOW_TASK,
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
        except FailureError:
            action.result = ActResult(key=key, action=asked.action, state=ActionState.UNKNOWN)
            return
        action.child = child

        def over(_: object) -> None:
            failed = child.cancelled() or failure(child) is not None
            unknown = ActResult(key=key, action=asked.action, state=ActionState.UNKNOWN)
            action.result = unknown if failed else child.result()

        child.add_done_callback(over)
