"""The bench of the phone line: its packets, its clock, its callers, its figures."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, replace
from datetime import date, datetime, time

import numpy as np
import pytest

from backend.seed.catalogue import load_catalogue
from backend.settings import TIMEZONE
from ivr.model.g711 import coded
from ops.bench.voice import rtp
from ops.bench.voice.cost import AROUND, near_speech
from ops.bench.voice.persona import MOST_SAID, Over, Standing, next_said
from ops.bench.voice.phone import HOST, Phone, Sound
from ops.bench.voice.plans import Called, Plan, Round, round_of_row
from ops.bench.voice.timing import (
    Run,
    Spoken,
    hushed_s,
    is_talked_over,
    runs,
    turn_s,
)
from ops.bench.voice.voices import SPEAKERS, said_for, speaker_of, to_say
from ops.bench.voice.wishes import (
    Ordered,
    Wanted,
    Wish,
    answers,
    cries,
    first_monday,
    texts,
    wishes,
)

MONDAY = date(2026, 3, 2)
MS = 1_000_000
S = 1_000_000_000


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=TIMEZONE)


def tone(packets: int, loud: float = 0.3) -> np.ndarray:
    wave = np.sin(2 * np.pi * 440 * np.arange(packets * rtp.SAMPLES) / rtp.RATE)
    return (loud * 32767 * wave).astype(np.int16)


# -- packets


def test_a_law_is_what_the_recommendation_says() -> None:
    every = np.arange(65536, dtype=np.uint16).view(np.int16)
    assert np.array_equal(rtp.decoded(rtp.encoded(every)), coded(every, "a"))


def test_a_packet_carries_its_voice_and_what_is_none_is_left() -> None:
    voice = rtp.encoded(tone(1))
    made = rtp.packet(voice, 65537, 7)
    assert len(made) == 172
    assert made[2:4] == b"\0\1"  # the number begins again
    assert rtp.payload_of(made) == voice
    extended = bytes([made[0] | 0x10]) + made[1:12] + b"\xbe\xde\0\1abcd" + voice
    assert rtp.payload_of(extended) == voice
    key = bytes([0x80, 101]) + made[2:]
    for foreign in (key, b"", b"stun", made[:12], extended[:14]):
        assert rtp.payload_of(foreign) is None


def test_sound_is_what_is_louder_than_a_line_at_rest() -> None:
    assert not rtp.is_sound(rtp.SILENCE)
    hiss = np.random.default_rng(1).normal(0, 20, rtp.SAMPLES).astype(np.int16)
    assert not rtp.is_sound(rtp.encoded(hiss))
    assert rtp.is_sound(rtp.encoded(tone(1, 0.02)))
    assert rtp.loudness_db(rtp.encoded(tone(1, 1.0))) == pytest.approx(-3, abs=0.2)


def test_the_ends_of_speech_are_found_in_whole_packets() -> None:
    pcm = np.concatenate([np.zeros(400, np.int16), tone(3), np.zeros(330, np.int16)])
    said = Sound.of("好的", pcm)
    assert len(said.pcm) % rtp.SAMPLES == 0
    assert (said.first, said.last) == (2, 5)
    with pytest.raises(ValueError, match="silence"):
        Sound.of("好的", np.zeros(800, np.int16))


# -- times


def packets_from(first_ms: int, count: int) -> list[int]:
    return [(first_ms + 20 * n) * MS for n in range(count)]


def test_a_pause_within_a_word_does_not_end_it() -> None:
    heard = packets_from(0, 5) + packets_from(160, 5) + packets_from(400, 2)
    assert runs(heard) == [Run(0, 240 * MS), Run(400 * MS, 420 * MS)]
    assert runs([]) == []


def test_a_turn_runs_from_her_last_sound_to_our_first() -> None:
    line = [Run(0, 2 * S), Run(4 * S, 5 * S), Run(9 * S, 10 * S)]
    said = Spoken("好的", 2_500 * MS, 3_300 * MS)
    assert turn_s(said, line) == pytest.approx(0.7)
    assert turn_s(said, line, until=3_900 * MS) is None  # she spoke again before we answered
    assert turn_s(Spoken("好的", 11 * S, 12 * S), line) is None


def test_a_line_that_speaks_into_her_words_has_no_turn() -> None:
    line = [Run(0, 2 * S), Run(5 * S, 6 * S)]
    said = Spoken("我要", S, 1_500 * MS)
    assert is_talked_over(said, line)
    assert turn_s(said, line) is None


def test_falling_silent_is_more_than_a_pause_between_clauses() -> None:
    line = [Run(0, S), Run(1_300 * MS, 1_400 * MS), Run(3 * S, 4 * S)]
    barging = Spoken("不对", 1_200 * MS, 1_800 * MS, over=True)
    assert hushed_s(barging, line) == pytest.approx(0.2)
    assert hushed_s(Spoken("不对", 2 * S, 3 * S, over=True), line) is None


def test_all_that_is_near_speech_counts_as_speech() -> None:
    packets = [rtp.SILENCE] * 100
    packets[50] = rtp.encoded(tone(1))
    found = near_speech(packets)
    assert sum(found) == 2 * AROUND + 1
    assert found[50 - AROUND] and not found[50 - AROUND - 1]


# -- wishes


def test_there_are_sixty_wishes_and_each_is_said_otherwise() -> None:
    listed = wishes()
    assert len({one.say for one in listed}) == len(listed) >= 60
    assert {one.kind for one in listed} >= {"meal", "nursing", "home"}
    codes = {one.code for one in load_catalogue(None)}
    assert {want.code for one in listed for want in one.wants} <= codes
    assert len(texts()) == len(set(texts()))


def test_every_caller_can_say_all_that_she_may_be_asked() -> None:
    for engine, speakers in SPEAKERS.items():
        said = {(one.speaker, one.text) for one in to_say(engine)}
        for wish in wishes():
            assert {(speaker_of(engine, wish), text) for text in said_for(wish)} <= said
        assert {(speaker, cry) for speaker in speakers for cry in cries()} <= said
        assert len({(one.speaker, one.file) for one in to_say(engine)}) == len(to_say(engine))


LUNCHES = Wish(1, "明天要两份午餐", (Wanted("meal.lunch", 1, count=2),))
NURSE = Wish(2, "后天上午十点打针", (Wanted("nursing.injection", 2, time(10)),))
BOTH = Wish(
    3, "明天午饭和晚饭", (Wanted("meal.lunch", 1, count=1), Wanted("meal.dinner", 1, count=1))
)


def test_a_wish_is_met_by_what_was_wanted_and_nothing_else() -> None:
    lunches = Ordered("meal.lunch", 2, at(3, 10, 30))
    assert LUNCHES.is_met_by([lunches], MONDAY)
    for wrong in (
        [],
        [Ordered("meal.lunch", 1, at(3, 10, 30))],
        [Ordered("meal.lunch", 2, at(4, 10, 30))],
        [Ordered("meal.dinner", 2, at(3, 16, 30))],
        [lunches, lunches],
    ):
        assert not LUNCHES.is_met_by(wrong, MONDAY)


def test_an_hour_is_kept_to_the_minute_and_a_part_of_the_day_by_its_hours() -> None:
    assert NURSE.is_met_by([Ordered("nursing.injection", 1, at(4, 10))], MONDAY)
    assert not NURSE.is_met_by([Ordered("nursing.injection", 1, at(4, 11))], MONDAY)
    cleaning = Wish(4, "明天下午打扫", (Wanted("home.clean", 1, part="afternoon"),))
    assert cleaning.is_met_by([Ordered("home.clean", 2, at(3, 12))], MONDAY)
    assert not cleaning.is_met_by([Ordered("home.clean", 2, at(3, 9))], MONDAY)


def test_two_wishes_in_one_sentence_want_two_orders() -> None:
    lunch, dinner = (
        Ordered("meal.lunch", 1, at(3, 10, 30)),
        Ordered("meal.dinner", 1, at(3, 16, 30)),
    )
    assert BOTH.is_met_by([dinner, lunch], MONDAY)
    assert not BOTH.is_met_by([lunch, lunch], MONDAY)
    assert not BOTH.is_met_by([lunch], MONDAY)


def test_the_bench_begins_on_a_monday_to_come() -> None:
    assert first_monday(date(2026, 3, 1)) == MONDAY
    assert first_monday(MONDAY) == date(2026, 3, 9)


# -- how she talks


def said(wish: Wish, stands: Standing, turn: int = 1) -> str | Over:
    return next_said(wish, stands, turn, MONDAY, answers())


def test_she_says_what_she_wants_and_answers_what_she_is_asked() -> None:
    assert said(NURSE, Standing()) == NURSE.say
    assert said(NURSE, Standing(doing="order:time")) == "上午十点"
    assert said(LUNCHES, Standing(doing="order:date")) == "明天"
    assert said(LUNCHES, Standing(doing="order:quantity")) == "两份"
    assert said(BOTH, Standing(doing="order:which", asked_of="meal.dinner")) == "晚餐"
    assert said(NURSE, Standing(doing="who:town")) == NURSE.say


def test_she_agrees_only_to_what_she_meant() -> None:
    right = (Ordered("meal.lunch", 2, at(3, 10, 30)),)
    wrong = (Ordered("meal.lunch", 1, at(3, 10, 30)),)
    yes = answers().rows["yes"]
    assert said(LUNCHES, Standing(doing="order:confirm", read_back=right)) in yes
    assert said(LUNCHES, Standing(doing="order:confirm", read_back=wrong)) == "不对"
    assert said(LUNCHES, Standing(doing="order:what")) == LUNCHES.say


def test_she_puts_right_what_is_wrong_and_repeats_nothing_else() -> None:
    lunch = (Ordered("meal.lunch", 1, at(3, 10, 30)),)
    assert said(LUNCHES, Standing(doing="order:what", read_back=lunch)) == "两份"
    late = (Ordered(NURSE.wants[0].code, 1, at(4, 14)),)
    assert said(NURSE, Standing(doing="order:part", read_back=late)) == "上午十点"
    other_day = (Ordered(NURSE.wants[0].code, 1, at(5, 10)),)
    assert said(NURSE, Standing(doing="order:what", read_back=other_day)) == "后天"
    half = Standing(doing="order:half", read_back=late, asked_of=NURSE.wants[0].code)
    assert said(NURSE, half) in answers().rows["yes"]
    assert said(NURSE, replace(half, read_back=other_day)) == "不对"
    assert said(NURSE, Standing(doing="order:human")) in answers().rows["yes"]


def test_she_knows_when_it_is_over_and_gives_up_in_the_end() -> None:
    assert said(NURSE, Standing(placed=True)) == Over("ordered")
    assert said(NURSE, Standing(human=True)) == Over("human")
    assert said(NURSE, Standing(doing="order:time"), MOST_SAID) == Over("gave_up")


# -- her telephone


class Line:
    """The far end of a telephone, by hand."""

    def __init__(self) -> None:
        self.sip, self.voice = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "12")
        for one in (self.sip, self.voice):
            one.bind((HOST, 0))
            one.settimeout(60)
        self.phone = Phone("13900000001", self.sip.getsockname())
        self.at: tuple[str, int] = (HOST, 0)

    def hears(self) -> str:
        data, self.at = self.sip.recvfrom(65535)
        return data.decode()

    def answers(self, request: str, code: str, body: str = "") -> None:
        head = [line for line in request.split("\r\n")[1:] if line.split(":")[0] in
                ("Via", "From", "To", "Call-ID", "CSeq")]  # fmt: skip
        message = "\r\n".join([f"SIP/2.0 {code}", *head, "", body])
        self.sip.sendto(message.encode(), self.at)

    def takes(self) -> None:
        self.phone.ring()
        port = self.voice.getsockname()[1]
        self.answers(self.hears(), "200 OK", f"v=0\r\nm=audio {port} RTP/AVP 8\r\n")
        self.phone.beat()
        assert self.hears().startswith("ACK ")


def test_her_telephone_speaks_and_its_first_and_last_sound_are_timed() -> None:
    line = Line()
    line.takes()
    phone = line.phone
    phone.say(Sound.of("好的", np.concatenate([np.zeros(160, np.int16), tone(2)])))
    came = []
    line.voice.recv(2048)  # her first packet, from before she speaks
    while phone.is_speaking:
        phone.beat()
        came.append(rtp.payload_of(line.voice.recv(2048)))
    (spoken,) = phone.spoken
    assert phone.up_ns < spoken.first < spoken.last
    assert [bool(one and rtp.is_sound(one)) for one in came] == [False, True, True]


def test_what_the_line_says_is_timed_by_the_kernel() -> None:
    line = Line()
    line.takes()
    line.phone.beat()
    _, here = line.voice.recvfrom(2048)
    line.voice.sendto(rtp.packet(rtp.SILENCE, 0, 1), here)
    line.voice.sendto(rtp.packet(rtp.encoded(tone(1)), 1, 1), here)
    line.phone.beat()
    assert line.phone.packets_heard == 2
    assert len(line.phone.heard) == 1
    assert line.phone.up_ns < line.phone.sound_ns


def test_her_telephone_hangs_up_also_while_it_still_rings() -> None:
    line = Line()
    line.phone.ring()
    invite = line.hears()
    line.phone.hang_up()
    assert line.hears().startswith("CANCEL ")
    line.answers(invite, "487 Request Terminated")
    line.phone.beat()
    assert line.hears().startswith("ACK ")
    assert line.phone.is_over
    assert line.phone.refused == 0


def test_an_answer_that_crosses_her_hanging_up_is_hung_up_too() -> None:
    line = Line()
    line.phone.ring()
    invite = line.hears()
    line.phone.hang_up()
    assert line.hears().startswith("CANCEL ")
    line.answers(invite, "200 OK", "m=audio 9 RTP/AVP 8\r\n")
    line.phone.beat()
    assert line.hears().startswith("ACK ")
    bye = line.hears()
    assert bye.startswith("BYE ")
    line.answers(bye, "200 OK")
    line.phone.beat()
    assert line.phone.is_over


def test_a_line_that_hangs_up_or_refuses_ends_the_call() -> None:
    line = Line()
    line.takes()
    here = line.at
    bye = "BYE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nCSeq: 1 BYE\r\nCall-ID: c\r\n\r\n"
    line.sip.sendto(bye.encode(), here)
    line.phone.beat()
    assert line.hears().startswith("SIP/2.0 200")
    assert line.phone.is_over and line.phone.hung_up_by_line
    busy = Line()
    busy.phone.ring()
    busy.answers(busy.hears(), "486 Busy Here")
    busy.phone.beat()
    assert (busy.phone.is_over, busy.phone.refused) == (True, 486)


# -- what passes between the processes


def test_plans_and_reports_survive_the_way() -> None:
    plan = Plan("139", wish=3, leaves_after_s=2.5)
    made = Round("postgresql://x", 5060, 4, "2026-03-02", "/tmp", {"139|好的": "a"}, [plan])
    assert round_of_row(json.loads(json.dumps(asdict(made)))) == made
    called = Called(
        plan, "id", "ordered", 1, 2, 3 * S, 4,
        spoken=[Spoken("好的", 1, 2)], line=[Run(3, 4)],
    )  # fmt: skip
    assert Called.of_row(json.loads(json.dumps(called.to_row()))) == called
