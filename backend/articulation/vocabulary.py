"""The English words that say what a part is, where it is and how it moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from protocol.joint import JointType

Way = Literal[
    "out", "in", "up", "down", "left", "right", "forward", "back", "clockwise", "counterclockwise"
]  # fmt: skip
Side = Literal["left", "right", "upper", "lower", "middle", "front", "back"]
Intent = Literal["", "open", "close"]
Called = Literal[
    "leaf", "lid", "drawer", "button", "switch", "knob", "wheel", "cap", "lever", "handle", "seat",
    "slider", "leg", "screen",
]  # fmt: skip
Kind = Literal["", "turns", "slides", "spins", "screws", "both", "stays"]

# Log odds for each joint type of a word that says so outright; a noun says it half as loudly.
odds: dict[Kind, dict[JointType, float]] = {
    "": {},
    "turns": {"revolute": 1.2, "continuous": 0.8, "screw": 0.5, "prismatic": -1.2, "fixed": -1.0},
    "slides": {
        "prismatic": 1.2, "revolute": -1.2, "continuous": -1.2, "screw": -0.9,
        "fixed": -1.0,
    },
    "spins": {"continuous": 2.0, "revolute": 0.6, "prismatic": -1.5, "fixed": -1.0},
    "screws": {
        "screw": 2.4, "cylindrical": 0.7, "continuous": 0.6, "revolute": 0.4, "prismatic": -1.2,
        "fixed": -1.0,
    },
    "both": {"cylindrical": 2.4, "screw": 0.8, "revolute": -0.3, "prismatic": -0.3, "fixed": -1.0},
    "stays": {
        "fixed": 3.0, "revolute": -1.5, "prismatic": -1.5, "continuous": -1.5, "screw": -1.5,
        "cylindrical": -1.5,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Verb:
    """What a verb says of the joint, and which way the motion starts where no other word says."""

    kind: Kind = ""
    ways: tuple[Way, ...] = ()
    intent: Intent = ""
    strength: float = 1.0


@dataclass(frozen=True)
class Noun:
    """A thing: its `name`, how it usually moves, what of it moves if it is a whole object, and
    which way it starts where no verb says: buttons go in whatever one calls it."""

    name: str
    kind: Kind = ""
    part: str = ""
    strength: float = 0.5
    ways: tuple[Way, ...] = ()


def _forms(stem: str) -> set[str]:
    """A verb's regular forms: slide, slides, slid(e)ing, slided; spin, spinning."""
    soft = stem.removesuffix("e")
    doubled = soft + soft[-1]
    return {
        stem, stem + "s", stem + "es", soft + "ing", soft + "ed", doubled + "ing", doubled + "ed",
    }  # fmt: skip


def _verbs(entries: Mapping[str, Verb]) -> dict[str, Verb]:
    return {
        form: verb for stems, verb in entries.items() for s in stems.split() for form in _forms(s)
    }


verbs = _verbs(
    {
        "open unlock unfold unclose uncover reveal": Verb(intent="open"),
        "close shut lock cover": Verb(intent="close"),
        "swing rotate hinge pivot flip tilt bend swivel": Verb("turns"),
        "turn": Verb("turns", strength=0.9),
        "fold unfold flap": Verb("turns", strength=0.8),
        "twist": Verb("turns", strength=0.9),
        "recline lean": Verb("turns", ways=("back",)),
        "spread squeeze": Verb("turns", strength=0.7),
        "spin revolve whirl": Verb("spins"),
        "crank wind roll": Verb("spins", strength=0.5),
        "slide glide shift": Verb("slides"),
        "extend telescope": Verb("slides", ways=("out",), intent="open"),
        "retract": Verb("slides", ways=("in",), intent="close"),
        "insert plunge": Verb("slides", ways=("in",), intent="close", strength=0.7),
        "eject withdraw": Verb("slides", ways=("out",), intent="open", strength=0.7),
        "pull draw yank tug drag": Verb("slides", ways=("out",), strength=0.4),
        "remove take detach": Verb("slides", ways=("out",), intent="open", strength=0.3),
        "push": Verb("slides", ways=("in",), strength=0.4),
        "press depress click": Verb("slides", ways=("in",), strength=0.8),
        "step tread": Verb(ways=("down",)),
        "lift raise hoist": Verb(ways=("up",)),
        "drop": Verb(ways=("down",)),
        "pop": Verb(intent="open"),
        "screw tighten": Verb("screws", ways=("clockwise",), intent="close"),
        "unscrew loosen": Verb("screws", ways=("counterclockwise", "out"), intent="open"),
        "fix glue weld freeze": Verb("stays"),
        "move adjust operate use bring put set get make go toggle flick activate": Verb(),
    }
)
verbs |= {
    "lower": Verb(ways=("down",)),
    "slid": verbs["slide"],
    "swung": verbs["swing"],
    "spun": verbs["spin"],
    "drawn": verbs["pull"],
    "twirl": verbs["spin"],
    "static": Verb("stays"),
    "immobile": Verb("stays"),
    "immovable": Verb("stays"),
    "stationary": Verb("stays"),
    "rigid": Verb("stays", strength=0.6),
    "telescopic": Verb("slides", strength=0.8),
}
hinging = {"hinge", "hinges", "hinged", "hung", "pivot", "pivots", "pivoted", "pivoting"}


def _nouns(entries: Mapping[str, Noun]) -> dict[str, Noun]:
    return {
        form: noun for words, noun in entries.items() for w in words.split() for form in _plural(w)
    }


def _plural(word: str) -> Iterable[str]:
    ends = {"f": word[:-1] + "ves", "x": word + "es", "h": word + "es", "y": word[:-1] + "ies"}
    return word, word + "s", ends.get(word[-1], word + "s")


nouns = _nouns(
    {
        "door": Noun("door", "turns"),
        "gate wing leaf": Noun("door", "turns"),
        "hatch flap tailgate flash": Noun("flap", "turns"),
        "drawer": Noun("drawer", "slides", strength=0.9, ways=("out",)),
        "tray rack shelf basket crate compartment": Noun("tray", "slides", ways=("out",)),
        "lid cover hood bonnet top tabletop": Noun("lid", "turns", strength=0.4, ways=("out",)),
        "cap stopper cork plug nozzle pump": Noun("cap", "screws", strength=0.4),
        "screw nut": Noun("screw", "screws", strength=0.6),
        "bolt": Noun("bolt", "both", strength=0.3),
        "knob": Noun("knob", "turns"),
        "dial": Noun("knob", "turns", strength=0.6),
        "valve handwheel": Noun("wheel", "spins", strength=0.4),
        "crank": Noun("lever", "spins", strength=0.5),
        "button key keycap": Noun("button", "slides", strength=0.8, ways=("in",)),
        "switch toggle rocker": Noun("switch", "turns", strength=0.4),
        "slider fader selector": Noun("slider", "slides", strength=0.8),
        "lever stick joystick": Noun("lever", "turns"),
        "arm boom": Noun("arm", "turns"),
        "trigger": Noun("trigger", "turns", strength=0.3),
        "pedal": Noun("pedal", "turns", strength=0.6),
        "handle grip pull doorknob": Noun("handle", "turns", strength=0.2),
        "bail": Noun("bail", "turns"),
        "latch clasp catch": Noun("latch", "turns", strength=0.2),
        "wheel caster castor tire tyre roller gear pulley": Noun("wheel", "spins", strength=0.8),
        "rotor propeller fan turntable disc disk drum carousel": Noun("wheel", "spins"),
        "spout": Noun("spout", "turns"),
        "blade": Noun("blade", "turns"),
        "jaw": Noun("blade", "turns"),
        "temple": Noun("temple", "turns"),
        "screen display monitor": Noun("screen", "turns"),
        "sash pane": Noun("window", "slides", strength=0.3),
        "window casement": Noun("window"),
        "shutter": Noun("door", "turns", strength=0.3),
        "panel board plate": Noun("panel"),
        "seat": Noun("seat", "turns", strength=0.4),
        "backrest": Noun("backrest", "turns"),
        "headrest cushion": Noun("headrest"),
        "footrest legrest": Noun("footrest", "turns", strength=0.3),
        "armrest": Noun("armrest", "turns", strength=0.2),
        "leg foot": Noun("leg", "turns", strength=0.2),
        "lens objective": Noun("lens", "both", strength=0.2),
        "ring collar": Noun("ring", "turns", strength=0.3),
        "head shade lampshade": Noun("head", "turns", strength=0.3),
        "chuck": Noun("chuck", "spins", strength=0.6),
        "rod plunger piston antenna": Noun("rod", "slides", strength=0.6),
        "zip zipper": Noun("slider", "slides"),
        # Whole objects: what of them moves.
        "cabinet cupboard wardrobe fridge refrigerator freezer oven microwave safe locker":
            Noun("cabinet", part="door"),
        "washer dishwasher dryer stove vitrine closet house room": Noun("cabinet", part="door"),
        "desk dresser sideboard nightstand commode chest": Noun("dresser", part="drawer"),
        "bin trash box case suitcase crate toolbox trunk piano pot kettle jug toilet bucket":
            Noun("box", part="lid"),
        "laptop notebook": Noun("laptop", "turns", part="screen"),
        "bottle jar flask tube": Noun("bottle", "screws", part="cap", strength=0.3),
        "scissor plier tong shear": Noun("scissors", "turns", part="blade"),
        "knife": Noun("knife", part="blade"),
        "faucet tap water": Noun("faucet", "turns", part="lever"),
        "stapler": Noun("stapler", "turns", part="lever"),
        "chair stool": Noun("chair", "turns", part="seat", strength=0.3),
        "lamp light": Noun("lamp", part="head"),
        "glass eyeglass spectacle": Noun("eyeglasses", part="temple"),
        "cart car trolley vehicle": Noun("cart", part="wheel"),
        "toaster": Noun("toaster", part="slider"),
        "garage": Noun("garage", part="door"),
        "camera drill printer table frame wall machine object bed book":
            Noun("object"),
    }
)  # fmt: skip
nouns["scissors"] = nouns["scissor"]
nouns["glasses"] = nouns["glass"]

# What things that are called so have in common, as far as joints go.
groups: dict[str, Called] = {
    name: group
    for group, names in {
        "leaf": "door flap window panel",
        "lid": "lid",
        "drawer": "drawer tray",
        "button": "button pedal",
        "switch": "switch trigger",
        "knob": "knob ring lens",
        "wheel": "wheel chuck",
        "cap": "cap screw bolt",
        "lever": "lever spout latch temple blade",
        "handle": "handle bail",
        "seat": "seat backrest headrest footrest armrest",
        "slider": "slider rod",
        "leg": "leg arm head",
        "screen": "screen",
    }.items()
    for name in names.split()
}  # type: ignore[misc]

# Words of a place, which before a noun or after `on the` say where the part is.
places: dict[str, Side] = {
    "left": "left", "leftmost": "left", "lefthand": "left",
    "right": "right", "rightmost": "right", "righthand": "right",
    "top": "upper", "upper": "upper", "topmost": "upper", "uppermost": "upper", "highest": "upper",
    "bottom": "lower", "lower": "lower", "lowest": "lower", "bottommost": "lower",
    "lowermost": "lower", "middle": "middle", "centre": "middle", "center": "middle",
    "central": "middle", "front": "front", "frontmost": "front", "foremost": "front",
    "back": "back", "rear": "back", "rearmost": "back", "behind": "back",
    "under": "lower", "underneath": "lower", "beneath": "lower", "below": "lower",
    "above": "upper", "over": "upper",
}  # fmt: skip
relations = {"under", "underneath", "beneath", "below", "above", "over", "behind"}
way_of_place: dict[str, Way] = {
    "left": "left", "right": "right", "top": "up", "bottom": "down", "front": "forward",
    "back": "back", "rear": "back",
}  # fmt: skip
adverbs: dict[str, Way] = {
    "out": "out", "outward": "out", "outwards": "out", "outside": "out", "away": "out",
    "off": "out", "in": "in", "inward": "in", "inwards": "in", "inside": "in", "into": "in",
    "up": "up", "upward": "up", "upwards": "up", "upright": "up",
    "down": "down", "downward": "down", "downwards": "down",
    "leftward": "left", "leftwards": "left", "rightward": "right", "rightwards": "right",
    "forward": "forward", "forwards": "forward", "backward": "back", "backwards": "back",
    "clockwise": "clockwise", "cw": "clockwise",
    "counterclockwise": "counterclockwise", "anticlockwise": "counterclockwise",
    "ccw": "counterclockwise", "widdershins": "counterclockwise",
}  # fmt: skip
ordinals = {
    word: number
    for number, words in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th",
         "seventh 7th", "eighth 8th", "ninth 9th", "tenth 10th"), 1)
    for word in words.split()
}  # fmt: skip
ordinals["last"] = -1
determiners = {"the", "a", "an", "this", "that", "its", "it", "my", "your", "his", "her", "their"}
links = {"of", "on", "at", "in", "to", "with", "from", "by", "for", "under", "towards", "toward"}
joins = {"and", "then", "while", "but", "or", "so", "until", "is", "are", "be", "it", "them"}
negations = {"not", "don't", "dont", "doesn't", "doesnt", "cannot", "can't", "cant", "never"}
# Two words or more that are one: tried in this order.
phrases = {
    "counter clockwise": "counterclockwise",
    "counter clock wise": "counterclockwise",
    "anti clockwise": "anticlockwise",
    "left hand": "left",
    "right hand": "right",
    "towards me": "forward", "toward me": "forward", "to me": "forward",
    "towards you": "forward", "toward you": "forward",
    "towards us": "forward", "towards the viewer": "forward", "towards the front": "forward",
    "away from me": "in", "away from you": "in",
    "does not move": "static", "do not move": "static", "doesn't move": "static",
    "must not move": "static", "cannot move": "static", "can't move": "static",
    "should not move": "static", "stays put": "static", "stay put": "static",
    "turn on": "open", "turns on": "open", "switch on": "open",
    "turn off": "close", "turns off": "close", "switch off": "close",
    "step on": "step", "press on": "press", "bottle cap": "cap", "light switch": "switch",
    "toggle button": "toggle", "rocker button": "rocker", "light button": "button",
    "side hung": "", "a jar": "the jar",
}  # fmt: skip
