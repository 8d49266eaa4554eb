"""Connections that the server keeps or closes."""

import socket
from contextlib import closing
from threading import Thread

import pytest

from bench.connections import Answered, Connections, Question
from bench.errors import BenchError
from bench.open_loop import answers_at_rate
from tests.bench.answering_server import server
from tests.live import free_port

COUNT = 60


def ask(port: int, *, keeps_alive: bool = True) -> list[Answered]:
    """Ask one question after the other, over few connections."""
    texts = [str(number).encode() for number in range(COUNT)]
    return list(answers_at_rate(port, texts, per_second=500, connections=3, keeps_alive=keeps_alive))


@pytest.mark.parametrize("announces", [True, False])
def test_what_the_server_closes_between_two_questions_is_opened_again(announces: bool) -> None:
    with server(keeps=False, announces=announces) as (port, asked):
        answers = ask(port)
    assert {answer.status for answer in answers} == {200}
    assert len(set(asked)) == COUNT


def test_a_question_of_its_own_connection_is_sent_once() -> None:
    with server() as (port, asked):
        answers = ask(port, keeps_alive=False)
    assert sorted(answer.number for answer in answers) == list(range(COUNT))
    assert {answer.tries for answer in answers} == {1}
    assert len(asked) == COUNT


def test_nothing_is_heard_of_a_closed_connection_that_another_process_still_holds() -> None:
    with server(keeps=False) as (port, _), closing(Connections(port, 1, keeps_alive=False)) as pool:
        connection = pool._idle[0]
        pool.ask(Question(0, b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n0", 0))
        with connection.socket.dup():  # as a process has it that was forked just now
            while pool.is_waiting:
                pool.wait(1)
                list(pool.answers())
            assert not pool.wait(0.5)


def test_the_head_and_the_body_of_an_answer_are_told_apart() -> None:
    with server(503) as (port, _):
        answer = ask(port)[0]
    assert (answer.status, answer.body) == (503, b"{}")
    assert b"\r\nX-After: " in answer.head


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "closed before the answer was whole"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", "closed before the answer was whole"),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", "does not say how long it is"),
    ],
)
def test_half_an_answer_is_a_failure(said: bytes, reason: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=say_and_close, args=(listening, said))
        thread.start()
        with pytest.raises(BenchError, match=reason):
            list(answers_at_rate(listening.getsockname()[1], [b"text"], per_second=1, connections=1))
        thread.join()


def test_a_server_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(BenchError, match="nobody takes its connection"):
        ask(free_port())


def say_and_close(listening: socket.socket, said: bytes) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(said)
