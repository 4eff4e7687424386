"""What a prompt says of a part and its joint: a small grammar of English orders.

    parse("pull out the second drawer from the top")
    parse("open the upper left door outwards")

Words that are not known are passed over, so a prompt in another language says nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from backend.articulation import vocabulary as known
from backend.articulation.vocabulary import Called, Intent, Kind, Side, Way
from protocol.joint import JointType

joint_types: tuple[JointType, ...] = get_args(JointType)
silent: dict[JointType, float] = dict.fromkeys(joint_types, 0.5)


@dataclass(frozen=True)
class Order:
    """The place of a part in a row: `number` from 1, -1 for the last, counted from a side.

    `start` is empty where the prompt does not say from where ("the second drawer").
    """

    number: int
    start: Side | None = None


@dataclass(frozen=True)
class Meaning:
    """What a prompt says. One that says nothing has all types at 0.5 and all else empty.

    `types` is how likely the words are for each joint type, in (0, 1). `ways` are the ways in
    which the motion starts, the most explicit first; left, right, up, down and forward (towards
    the viewer) are those of a person in front of the object, out and in those of the object;
    clockwise is seen by a person who faces the part. Ways that only a verb implies (pull: out;
    lift: up) or else a thing (button: in) are in `ways` where no word says it outright, and then
    `explicit` is false.
    `sides` and `order` say where the part is among its likes, `hinge` on which of its sides it
    is hinged. `nouns` are what the part is called (`vocabulary.nouns` has all names), the head
    first; `owners` what it belongs to.
    """

    types: Mapping[JointType, float] = field(default_factory=lambda: silent)
    ways: tuple[Way, ...] = ()
    explicit: bool = False
    intent: Intent = ""
    sides: frozenset[Side] = frozenset()
    order: Order | None = None
    hinge: Side | None = None
    nouns: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def turning(self) -> float:
        """How likely a hinge of any kind is meant rather than a slide, (0, 1); 0.5: not said."""
        turns = max(_logit(self.types[kind]) for kind in ("revolute", "continuous", "screw"))
        return _share(turns - _logit(self.types["prismatic"]))

    @property
    def presses(self) -> bool:
        """Whether the part is pressed into what it sits on."""
        return self.ways[:1] == ("in",)

    @property
    def called(self) -> Called | None:
        """The group of things that the part's name belongs to, if it has one."""
        return known.groups.get(self.nouns[0]) if self.nouns else None

    @property
    def names_part(self) -> bool:
        """Whether the words say which part is meant."""
        return bool(self.nouns or self.sides or self.order)


def parse(prompt: str) -> Meaning:
    """Return what an English prompt says. Any text is welcome."""
    return _Reader(_words(prompt)).meaning()


def turning_share(prompt: str) -> float:
    """Return how likely the prompt means a turn, in (0, 1); 0.5 where it does not say."""
    return parse(prompt).turning


def _words(prompt: str) -> list[str]:
    """Lower-case words and `.` for whatever ends a clause, set phrases made one word."""
    text = prompt.lower().replace("\u2019", "'").replace("'s", "")
    words = re.findall(r"\d+(?:st|nd|rd|th)|[a-z']+|[.,;:!?]", text)
    line = re.sub(r"[,;:!?]", ".", " ".join(words))
    for phrase, word in known.phrases.items():
        line = re.sub(rf"\b{phrase}\b", word, line)
    return line.split()


class _Reader:
    """Goes through the words once; each is read by its neighbours."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.odds: dict[JointType, float] = dict.fromkeys(joint_types, 0.0)
        self.said: list[Way] = []
        self.implied: list[Way] = []
        self.usual: tuple[Way, ...] = ()
        self.kinds: set[Kind] = set()
        self.intent: Intent = ""
        self.sides: set[Side] = set()
        self.number: int | None = None
        self.start: Side | None = None
        self.hinge: Side | None = None
        self.heads: list[str] = []
        self.owners: list[str] = []

    def meaning(self) -> Meaning:
        for i in range(len(self.words)):
            self._read(i)
        if {"turns", "slides"} <= self.kinds and "and" in self.words:
            self._weigh("both", 1.0)  # "turn and pull the bolt"
        ways = self.said or self.implied or self.usual
        return Meaning(
            types={kind: _share(self.odds[kind]) for kind in joint_types},
            ways=tuple(dict.fromkeys(ways)),
            explicit=bool(self.said),
            intent=self.intent,
            sides=frozenset(self.sides - {self.start}),
            order=None if self.number is None else Order(self.number, self.start),
            hinge=self.hinge,
            nouns=tuple(dict.fromkeys(self.heads)),
            owners=tuple(dict.fromkeys(self.owners)),
        )

    def _read(self, i: int) -> None:
        word = self.words[i]
        if word in known.hinging and not self._names(i):
            self._weigh("turns", 1.0)
        elif word in known.verbs and self._is_verb(i):
            self._read_verb(i)
        elif word in known.places:
            self._read_place(i)
        elif word in known.adverbs:
            self._read_adverb(i)
        elif word in known.ordinals:
            self.number = known.ordinals[word]
        elif word in known.nouns:
            self._read_noun(i)

    def _read_verb(self, i: int) -> None:
        verb = known.verbs[self.words[i]]
        if self._negated(i):
            self._weigh(verb.kind, -0.7 * verb.strength)
            return
        self._weigh(verb.kind, verb.strength)
        if verb.strength > 0.3 and not self._names(i):
            self.kinds.add(verb.kind)
        if not self._names(i):  # a sliding door says nothing of what to do
            self.implied.extend(verb.ways)
            self.intent = self.intent or verb.intent

    def _read_noun(self, i: int) -> None:
        noun = known.nouns[self.words[i]]
        is_head = not (self.heads or self._is_modifier(i) or self._after_link(i))
        if is_head:
            self.heads.append(self._opens(i) or noun.name)
            self.usual = () if self.intent == "close" else noun.ways
        if noun.part or not is_head:
            self.owners.append(noun.name)
        if noun.part or is_head:
            self._weigh(noun.kind, noun.strength)

    def _opens(self, i: int) -> str:
        """What of a whole object moves; nothing where all of it is lifted."""
        noun = known.nouns[self.words[i]]
        if noun.name == "handle" and {"spread", "squeeze"} & set(self.words):
            return "blade"  # the halves of scissors and pliers
        return "" if "up" in self.implied and not self.intent else noun.part

    def _read_place(self, i: int) -> None:
        word, side = self.words[i], known.places[self.words[i]]
        before = self._before(i)
        if self._of_hinge(i):
            self.hinge = side
        elif before == "from":
            self.start = side if self.number is not None else None
        elif self._is_backrest(i):
            self.heads.append("backrest")
        elif before in ("to", "towards", "toward") and self._at(i + 1) != "of":
            self._say(i, known.way_of_place.get(word))
        elif self._names(i) or self._is_place(i):
            self.sides.add(side)
        else:
            self._say(i, known.way_of_place.get(word))

    def _read_adverb(self, i: int) -> None:
        word = self.words[i]
        before, after = self._at(i - 1), self._at(i + 1)
        if word in ("in", "into", "inside") and before not in known.verbs:
            is_link = after in known.determiners or self._names(i)
            if is_link:
                return
        self._say(i, known.adverbs[word])

    def _say(self, i: int, way: Way | None) -> None:
        if way and not self._negated(i):
            self.said.append(way)

    def _weigh(self, kind: Kind, strength: float) -> None:
        for joint_type, odd in known.odds[kind].items():
            self.odds[joint_type] += strength * odd

    def _at(self, i: int) -> str:
        return self.words[i] if 0 <= i < len(self.words) else "."

    def _before(self, i: int) -> str:
        """The word before, determiners and other places skipped."""
        i -= 1
        while self._at(i) in known.determiners or self._at(i) in known.places:
            i -= 1
        return self._at(i)

    def _is_verb(self, i: int) -> bool:
        """Whether a word that may be a thing too (screw, switch, lower) is what to do."""
        word, before = self.words[i], self._at(i - 1)
        if word == "lower":
            return self._at(i + 1) in known.determiners and before not in known.determiners
        if word not in known.nouns:
            return True
        described = before in known.determiners or before in known.places | known.ordinals
        return not described and before not in known.nouns

    def _names(self, i: int) -> bool:
        """Whether a word stands before a thing that it describes: no break until a noun."""
        for j in range(i + 1, min(i + 5, len(self.words))):
            word = self.words[j]
            if word in known.nouns or word == "one":
                return True
            if word in known.places or word in known.ordinals:
                continue
            if word in known.determiners | known.links | known.joins | {"."}:
                return False
            if word in known.adverbs:
                return False
        return False

    def _is_modifier(self, i: int) -> bool:
        """Whether another thing follows at once: oven in "oven door"."""
        return self._at(i + 1) in known.nouns and self._at(i + 1) not in known.places

    def _after_link(self, i: int) -> bool:
        j = i - 1
        while j >= 0 and self.words[j] not in known.links | known.verbs.keys() | {"."}:
            if self.words[j] in known.relations:
                return True
            j -= 1
        return self._at(j) in known.links - {"to"} and self._at(j - 1) not in known.verbs

    def _is_place(self, i: int) -> bool:
        """On the left, at the top, in the middle; the left (of all); under the oven."""
        word, before = self.words[i], self._at(i - 1)
        if word in known.relations or known.places[word] in ("upper", "lower", "middle"):
            return True
        return before in known.determiners or before in known.links

    def _of_hinge(self, i: int) -> bool:
        """Hinged on the left; hinges are at the bottom; left-hinged, left hinge."""
        if self._at(i + 1) in known.hinging:
            return True
        between = known.links | known.determiners | known.joins | {"side", "edge", "its", "along"}
        j = i - 1
        while self._at(j) in between:
            j -= 1
        return self._at(j) in known.hinging

    def _is_backrest(self, i: int) -> bool:
        """The back that one leans is a thing."""
        leans = {"recline", "lean", "tilt", "fold", "adjust"} & set(self.words[:i])
        thing = self._at(i - 1) in known.determiners and not self._names(i)
        return self.words[i] == "back" and bool(leans) and thing and not self.heads

    def _negated(self, i: int) -> bool:
        return any(self._at(j) in known.negations for j in (i - 1, i - 2))


def _share(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))
