"""How a WebSocket ends because the service stops: answered first, told why, dropped if it must be.

The base class of `gateway.wire.socket`.
"""

import math
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from .ending import ANSWERING_SECONDS, RESTARTING, STOPPING

CLOSING_SECONDS = 2.0


class PartingSocket(WebSocketsSansIOProtocol):
    """A WebSocket that is dropped at `_leaves_at`; whoever watches it looks at `_look_at`."""

    _leaves_at = math.inf
    _look_at = 0.0

    def shutdown(self) -> None:
        """Says that the service stops; what that cannot be told in time is dropped."""
        if not self.handshake_complete:
            self._leaves_at = self._look_at = self.loop.time() + CLOSING_SECONDS
            self.send_500_response()
            self.transport.close()
        elif not self._ask_to_stop():
            self._leaves_at = self._look_at = self.loop.time() + CLOSING_SECONDS
            self._close_now()

    def retire(self) -> None:
        """Lets a socket that is in use end: its client comes back, to another process."""
        self._ask_to_stop()

    def _ask_to_stop(self) -> bool:
        """Tells the application, which first answers what it has begun; False where it is not."""
        stop = cast(Any, self.scope).get("connect.stop") if self.handshake_complete else None
        if stop is None or self.close_sent:
            return False
        stop()
        self._leaves_at = self.loop.time() + ANSWERING_SECONDS + CLOSING_SECONDS
        return True

    def _close_now(self) -> None:
        if not self.close_sent:
            message = {"type": "websocket.disconnect", "code": RESTARTING, "reason": STOPPING}
            self.queue.put_nowait(cast(Any, message))
            self.conn.send_close(RESTARTING, STOPPING)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self.transport.close()
