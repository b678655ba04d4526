"""What steps carry and what comes back."""

from __future__ import annotations

from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from alarms.lifecycle.alarm import Disposition, Reached


class Step(BaseModel):
    """A step with the version that the person saw. The same ``id`` is never carried out twice."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0)
    id: UUID = Field(default_factory=uuid4)
    note: str = Field("", max_length=2000)


class Resolution(Step):
    """How it ended; ``reached`` must be told for a call or a fall that nobody attends (not for a test or a repair)."""

    disposition: Disposition | None = None
    reached: Reached | None = None


class SecondPerson(BaseModel):
    """Somebody else who agrees, and proves it by password."""

    model_config = ConfigDict(extra="forbid")

    account: str = Field(max_length=64)
    password: SecretStr = Field(max_length=200)


class Shelving(Step):
    """``note`` is the reason; ``until`` is at most 24 hours away; an emergency needs a ``second`` person."""

    until: AwareDatetime
    second: SecondPerson | None = None


class Assignment(Step):
    """Who is asked to take it: ``user:{id}`` of somebody who answers alarms of that site."""

    to: str = Field(max_length=200)


class Linking(Step):
    """Which output is asked for."""

    output: str = Field(max_length=64)


class Assignee(BaseModel):
    """Somebody who may be asked. ``reachable``: a channel of theirs counts, else only the desk tells them."""

    to: str
    name: str
    on_duty: bool
    reachable: bool


class Done(BaseModel):
    """The step is carried out; ``version`` is the alarm's new one."""

    id: UUID
    version: int | None


class Problem(BaseModel):
    """A problem document; after a lost race ``by``, ``name`` and ``at`` say who was first and when."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    by: str | None = None
    name: str | None = None
    at: str | None = None
    response: str | None = None
    version: int | None = None
