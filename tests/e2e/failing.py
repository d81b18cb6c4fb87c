"""Parts of the house that are away for a while."""

from __future__ import annotations

import contextlib
import socket
import threading

import psycopg


class Unreachable:
    """Makes a database refuse all connections for a while, as if its server were gone."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]

    def _admin(self, *statements: str) -> None:
        admin = self._url.replace(f"/{self._name}?", "/template1?", 1)
        with psycopg.connect(admin, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def __enter__(self) -> None:
        self._admin(
            f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{self._name}'",
        )

    def __exit__(self, *_: object) -> None:
        self._admin(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")


class Forward:
    """A Rasa that comes up on a port: bytes are passed on to the one that runs."""

    def __init__(self, port: int, target: str) -> None:
        self._port, self._target = port, target

    def __enter__(self) -> None:
        host, port = self._target.removeprefix("http://").split(":")
        self._server = socket.create_server(("127.0.0.1", self._port))
        self._open: list[socket.socket] = []

        def pump(source: socket.socket, sink: socket.socket) -> None:
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
            except OSError:
                pass
            finally:
                sink.close()

        def serve() -> None:
            while True:
                try:
                    near, _ = self._server.accept()
                except OSError:
                    return
                far = socket.create_connection((host, int(port)))
                self._open += (near, far)
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(2)  # closing alone lets the accept under way take one more
        self._server.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(2)
