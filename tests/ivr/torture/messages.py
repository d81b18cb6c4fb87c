"""Messages after RFC 4475: the clause's oddity, as bytes. `@HERE@` is where answers should go.

The RFC's own hosts are examples that nobody may send to, so the Via is ours, and voice
would go to loopback; else they say what the RFC's say.
"""

from __future__ import annotations

_SDP = (
    b"v=0\r\no=mhandley 29739 7272939 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
    b"t=0 0\r\nm=audio 49217 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC/90000\r\n"
)


def _message(*lines: bytes, body: bytes = b"", length: bytes | None = None) -> bytes:
    said = b"%d" % len(body) if length is None else length
    return b"\r\n".join([*lines, b"Content-Length: " + said, b"", body])


def _invite(call_id: bytes, *more: bytes, to: bytes = b"sip:user@example.com") -> list[bytes]:
    return [
        b"INVITE " + to + b" SIP/2.0",
        b"Via: SIP/2.0/UDP @HERE@;rport;branch=z9hG4bK" + call_id,
        b"To: <sip:user@example.com>",
        b"From: <sip:caller@example.net>;tag=4" + call_id,
        b"Max-Forwards: 9",
        b"Call-ID: " + call_id,
        b"CSeq: 8 INVITE",
        b"Contact: <sip:caller@@HERE@>",
        *more,
    ]


_SDP_HERE = b"Content-Type: application/sdp"

MESSAGES: dict[str, bytes] = {
    # 3.1.1.1: valid, folded and spaced wherever the grammar lets it be
    "wsinv": b"\r\n".join(
        [
            b"INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0",
            b"TO :",
            b" sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n",
            b'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
            b"  ;",
            b"  tag = 98asjd8",
            b"MaX-fOrWaRdS: 0068",
            b"Call-ID: wsinv.ndaksdj@192.0.2.1",
            b"Content-Length   : %d" % len(_SDP),
            b"cseq: 0009",
            b"  INVITE",
            b"Via  : SIP  /   2.0",
            b" /UDP",
            b"    @HERE@;branch=390skdjuw",
            b"s :",
            b"NewFangledHeader:   newfangled value",
            b" continued newfangled value",
            b"UnknownHeaderWithUnusualValue: ;;,,;;,;",
            b"Content-Type: application/sdp",
            b"Route:",
            b" <sip:services.example.com;lr;unknownwith=value;unknown-no-value>",
            b'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =',
            b"      newvalue ;",
            b"  secondparam ; q = 0.33",
            b"",
            _SDP,
        ]
    ),
    # 3.1.1.2: every character that a method, an address, a token may have
    "intmeth": _message(
        b"!interesting-Method0123456789_*+`.%indeed'~ "
        b"sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
        b":&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
        b"Via: SIP/2.0/UDP @HERE@;rport;branch=z9hG4bK-.!%66*_+`'~",
        b'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" '
        b"<sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>",
        b"From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>"
        b";fromParam''~+*_!.-%=\"\xd1\x80\xd0\xb0\xd0\xb1\";tag=_token~1'+`*%!-.",
        b"Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
        b"CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~",
        b"Max-Forwards: 255",
        b"extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb",
    ),
    # 3.1.1.4: a NUL, escaped, in an address
    "escnull": _message(
        b"REGISTER sip:example.com SIP/2.0",
        b"To: sip:null-%00-null@example.com",
        b"From: sip:null-%00-null@example.com;tag=839923423",
        b"Max-Forwards: 70",
        b"Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd",
        b"CSeq: 14398234 REGISTER",
        b"Via: SIP/2.0/UDP @HERE@;rport;branch=z9hG4bKkdjuw",
        b"Contact: <sip:%00@host5.example.com>",
        b"Contact: <sip:%00%00@host5.example.com>",
    ),
    # 3.1.1.7: long values everywhere
    "longreq": _message(
        *_invite(b"longreq" + b"onereallylongcallid" * 20)[:1],
        b'To: "I have a user name of ' + b"extreme " * 60 + b'proportion" '
        b"<sip:user@example.com:6000;unknownparam1=very" + b"long" * 20 + b"value>",
        b"From: sip:" + b"amazinglylongcallername" * 10 + b"@example.net"
        b";tag=12" + b"982" * 50 + b"424",
        b"Call-ID: longreq.one" + b"really" * 20 + b"longcallid",
        b"CSeq: 3882340 INVITE",
        b"Via: SIP/2.0/UDP @HERE@;branch=z9hG4bKlong",
        *(b"Via: SIP/2.0/UDP sip%d.example.com" % n for n in range(33, 0, -1)),
        b"Max-Forwards: 70",
        b"Contact: <sip:" + b"amazinglylongcallername" * 5 + b"@@HERE@>",
        _SDP_HERE,
        body=_SDP,
    ),
    # 3.1.1.13: no reason phrase in an answer that nobody asked for
    "noreason": _message(
        b"SIP/2.0 100 ",
        b"Via: SIP/2.0/UDP @HERE@;branch=z9hG4bK-noreason",
        b"CSeq: 35 INVITE",
        b"Call-ID: noreason.asndj203insdf99223ndf",
        b"From: <sip:user@example.com>;tag=39ansfi3",
        b"To: <sip:user@example.edu>;tag=902jndnke3",
    ),
    # 3.1.2.1: separators where values should be
    "badinv01": b"\r\n".join(
        [
            b"INVITE sip:user@example.com SIP/2.0",
            b"To: sip:j.user@example.com",
            b"From: sip:caller@example.net;tag=134161461246",
            b"Max-Forwards: 7",
            b"Call-ID: badinv01.0ha0isndaksdjasdf3234nas",
            b"CSeq: 8 INVITE",
            b"Via: SIP/2.0/UDP @HERE@;;,;,,",
            b'Contact: "Joe" <sip:joe@example.org>;;;;',
            b"Content-Length: 152",
            b"Content-Type: application/sdp",
            b"",
            _SDP,
        ]
    ),
    # 3.1.2.2: says to be longer than it is
    "clerr": _message(*_invite(b"clerr"), _SDP_HERE, body=_SDP, length=b"9999"),
    # 3.1.2.3: a length below nothing
    "ncl": _message(*_invite(b"ncl"), _SDP_HERE, body=_SDP, length=b"-999"),
    # 3.1.2.4: numbers too large for their field
    "scalar02": _message(
        b"REGISTER sip:example.com SIP/2.0",
        b"Via: SIP/2.0/TCP @HERE@;branch=z9hG4bK342sdfoi3",
        b"To: <sip:user@example.com>",
        b"From: <sip:user@example.com>;tag=239232jh3",
        b"CSeq: 36893488147419103232 REGISTER",
        b"Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32",
        b"Max-Forwards: 300",
        b"Expires: 1" + b"0" * 100,
        b"Contact: <sip:user@host129.example.com>;expires=280297596632815",
    ),
    # 3.1.2.6: a quoted name that never ends
    "quotbal": _message(
        b"INVITE sip:user@example.com SIP/2.0",
        b'To: "Mr. J. User <sip:j.user@example.com>',
        b"From: sip:caller@example.net;tag=93334",
        b"Max-Forwards: 10",
        b"Call-ID: quotbal.aksdj",
        b"Contact: <sip:caller@@HERE@>",
        b"CSeq: 8 INVITE",
        b"Via: SIP/2.0/UDP @HERE@;branch=z9hG4bKkdjuw",
        _SDP_HERE,
        body=_SDP,
    ),
    # 3.1.2.7: an address in angle brackets where none belong
    "ltgtruri": _message(*_invite(b"ltgtruri", _SDP_HERE, to=b"<sip:user@example.com>"), body=_SDP),
    # 3.1.2.8: blanks in an address
    "lwsruri": _message(
        *_invite(b"lwsruri", _SDP_HERE, to=b"sip:user@ex ample.com; lr"), body=_SDP
    ),
    # 3.1.2.16: a version of another protocol's future
    "badvers": _message(
        b"OPTIONS sip:t.watson@example.org SIP/7.0",
        b"Via:     SIP/7.0/UDP @HERE@;branch=z9hG4bKkdjuw",
        b"Max-Forwards:     70",
        b"From:    A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe",
        b"To:      T. Watson <sip:t.watson@example.org>",
        b"Call-ID: badvers.31417@c.example.com",
        b"CSeq:    1 OPTIONS",
    ),
    # 3.1.2.17: one method above, another in CSeq
    "mismatch01": _message(
        b"OPTIONS sip:user@example.com SIP/2.0",
        b"To: sip:j.user@example.com",
        b"From: sip:caller@example.net;tag=34525",
        b"Max-Forwards: 6",
        b"Call-ID: mismatch01.dj0234sxdfl3",
        b"CSeq: 8 INVITE",
        b"Via: SIP/2.0/UDP @HERE@;rport;branch=z9hG4bKkdjuw",
    ),
    # 3.1.2.19: an answer with a code of seven digits
    "bigcode": _message(
        b"SIP/2.0 4294967301 better not break the receiver",
        b"Via: SIP/2.0/UDP @HERE@;branch=z9hG4bK2398ndaoe",
        b"Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i",
        b"CSeq: 353494 INVITE",
        b"From: <sip:user@example.com>;tag=39ansfi3",
        b"To: <sip:user@example.edu>;tag=902jndnke3",
        b"Contact: <sip:user@host105.example.com>",
    ),
    # 3.3.1: hardly anything of what every request must have
    "insuf": _message(
        b"INVITE sip:user@example.com SIP/2.0",
        b"CSeq: 193942 INVITE",
        b"Via: SIP/2.0/UDP @HERE@;branch=z9hG4bKkdj.insuf",
        _SDP_HERE,
        body=_SDP,
    ),
    # 3.3.2: an address of a kind that nobody knows
    "unkscm": _message(*_invite(b"unkscm", to=b"nobodyKnowsThisScheme:totallyopaquecontent")),
    # 3.3.8: single fields, several times
    "multi01": _message(
        *_invite(b"multi01a"),
        b"CSeq: 59 INVITE",
        b"Call-ID: multi01b",
        b"From: sip:caller@example.com;tag=20",
        b"To: sip:bob@example.com",
        b"Max-Forwards: 5",
        _SDP_HERE,
        body=_SDP,
    ),
    # 3.3.9: two lengths
    "mcl01": _message(*_invite(b"mcl01"), b"Content-Length: 13", _SDP_HERE, body=_SDP),
    # 3.3.11: may be passed on no further, and has arrived
    "zeromf": _message(
        b"OPTIONS sip:user@example.com SIP/2.0",
        b"To: sip:user@example.com",
        b"From: sip:caller@example.net;tag=3ghsd41",
        b"Call-ID: zeromf.jfasdlfnm2o2l43r5u0asdfas",
        b"CSeq: 39234321 OPTIONS",
        b"Via: SIP/2.0/UDP @HERE@;rport;branch=z9hG4bKkdjuw2349i",
        b"Max-Forwards: 0",
    ),
    # 3.4.1: RFC 2543's way, without a branch's cookie
    "inv2543": _message(
        b"INVITE sip:UserB@example.com SIP/2.0",
        b"Via: SIP/2.0/UDP @HERE@",
        b"Record-Route: <sip:services.example.com>",
        b"From: <sip:UserA@example.net>",
        b"To: <sip:UserB@example.com>",
        b"Call-ID: inv2543.1717@ift.client.example.com",
        b"CSeq: 56 INVITE",
        _SDP_HERE,
        body=_SDP,
    ),
    # No message at all
    "noise": bytes(range(256)) * 5,
    "empty lines": b"\r\n" * 40,
    "half": b"INVITE sip:user@exam",
}
