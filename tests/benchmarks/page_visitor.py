"""A visitor of the dashboard without a browser: asks for a page as Streamlit's own client does, and takes all of it."""

import asyncio
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`seconds` are those from the request until the page's script had run to its end and all of it had arrived."""

    seconds: float
    messages: tuple[ForwardMsg, ...]

    @property
    def elements(self) -> Iterable[Element]:
        deltas = (message.delta for message in self.messages if message.HasField("delta"))
        return [delta.new_element for delta in deltas if delta.HasField("new_element")]

    @property
    def complaints(self) -> list[str]:
        """Exceptions, outages (which have a title), and that there is nothing to see, as at a wrong address."""
        raised = [each.exception.message for each in self.of_type("exception")]
        said = [each.alert.body for each in self.of_type("alert") if each.alert.title]
        lost = ["there is no such page"] if any(each.HasField("page_not_found") for each in self.messages) else []
        shows = any(map(self.of_type, ("dataframe", "bidi_component", "html")))
        return [*raised, *said, *lost, *([] if shows else ["the page shows neither a table nor a plot"])]

    @property
    def chosen(self) -> dict[str, str]:
        """What the address has changed, by the name that it has there: "a,b" where several are chosen."""
        widgets = [getattr(element, element.WhichOneof("type")) for element in self.elements]
        bound = [each for each in widgets if getattr(each, "query_param_key", "") and each.set_value]
        return {each.query_param_key: shown(each) for each in bound}

    def of_type(self, name: str) -> list[Element]:
        return [element for element in self.elements if element.WhichOneof("type") == name]


def shown(widget: Message) -> str:
    """The value that the server gave it. Names of options stand in `raw_value` or `raw_values`."""
    values = getattr(widget, "raw_values", None) or [getattr(widget, "raw_value", None) or getattr(widget, "value", "")]
    return ",".join(str(value) for value in values)


async def asked(port: int, page: str, address: Mapping[str, str], *, clear_cache: bool = False) -> Answer:
    """One visit, in a session of its own. In an address "a,b" are two values."""
    values = {name: value.split(",") for name, value in address.items()}
    query = ClientState(query_string=urlencode(values, doseq=True), page_name=page)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/_stcore/stream", max_msg_size=0) as stream,
    ):
        if clear_cache:
            await stream.send_bytes(BackMsg(clear_cache=True).SerializeToString())
        started = time.perf_counter()
        await stream.send_bytes(BackMsg(rerun_script=query).SerializeToString())
        messages = []
        async for received in stream:
            messages.append(ForwardMsg.FromString(received.data))
            if messages[-1].HasField("script_finished"):
                return Answer(time.perf_counter() - started, tuple(messages))
    raise RuntimeError(f"the dashboard hung up after {len(messages)} messages")


def visit(
    port: int, page: str, address: Mapping[str, str], chosen: Mapping[str, str], *, clear_cache: bool = False
) -> Answer:
    """`chosen` is the part of the address that is choices. Raises RuntimeError if the page shows anything else."""
    whole = {**address, **chosen}
    answer = asyncio.run(asyncio.wait_for(asked(port, page, whole, clear_cache=clear_cache), TIMEOUT_S))
    ignored = [f"it does not know {name}={value}" for name, value in chosen.items() if answer.chosen.get(name) != value]
    if answer.complaints or ignored:
        raise RuntimeError(f"page {page!r} at {whole}: {'; '.join([*answer.complaints, *ignored])}")
    return answer


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
