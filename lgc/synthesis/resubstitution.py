"""Resubstitution: a gate written as one or two gates of nets that are there anyway.

The nets are those of a window around the gate (see `lgc.synthesis.divisors`), less the gates that
would be freed. With g ⊆ d for "d is 1 wherever g is": g = d ∧ e needs g ⊆ d and g ⊆ e, for both
signs of g; g = d ⊕ e is compared directly; the second gate takes the place of e (Mishchenko,
Brayton, "Scalable logic synthesis using a simple circuit structure", IWLS 2006). A gate that none
express, and that much is there for, is written anew from its table over the leaves (see
`lgc.synthesis.factoring`).
"""

from __future__ import annotations

from lgc.loops import Row

from .divisors import LEAVES, MEMBERS, MOST, ROOM, WORDS, clear, fill, grow, tabulate
from .factoring import BASE, FACTORING, GATES, factored
from .growing import MISSING, SEED, acquire, draw, release
from .replacing import candidate, make, write_gates

PAIRS = 400
"""Pairs of divisors kept for one sign."""

KIND, FIRST, INNER, SECOND, THIRD, SIGN = range(6)
"""Places in ``recipe``: first ∘ e, e the literal second, or where there is an inner gate, of
``INNER`` kind, second • third. A literal names a place of the window."""

ALONE, AND, XOR, NOT_AND, FACTORED = range(5)
"""Kinds of gates: none, the three; an inner OR is the complement of an AND. What is factored has
``SECOND`` gates, and its literal is ``FIRST`` of the program."""

COLLAPSED = 4
"""Gates that a net must free for its table to be factored."""


def word(literal: int, w: int, value: Row) -> int:
    return value[(literal >> 1) * ROOM + w] ^ -(literal & 1)


def inner(kind: int, a: int, b: int, w: int, value: Row) -> int:
    """A word of an inner gate: AND, XOR, or the complement of an AND."""
    one, two = word(a, w, value), word(b, w, value)
    if kind == XOR:
        return one ^ two
    return ~(one & two) if kind == NOT_AND else one & two


def covers(target: int, sign: int, literal: int, value: Row, frame: Row) -> bool:
    """Whether target ⊆ literal."""
    for w in range(frame[WORDS]):
        if (value[target * ROOM + w] ^ -sign) & ~word(literal, w, value):
            return False
    return True


def divisors(target: int, refs: Row, member: Row, frame: Row, usable: Row, state: Row) -> int:
    """Members that stay when the target goes, from a random one on; how many."""
    count = 0
    many = frame[MEMBERS]
    begin = draw(state, SEED) % many
    for i in range(many):
        at = (begin + i) % many
        if at != target and refs[member[at]] > 0:
            usable[count] = at
            count += 1
    return count


def alone(target: int, count: int, usable: Row, value: Row, frame: Row, recipe: Row) -> bool:
    """Whether a divisor is the target, or its complement."""
    for i in range(count):
        at = usable[i]
        sign = (value[at * ROOM] ^ value[target * ROOM]) & 1
        same = True
        for w in range(frame[WORDS]):
            if value[at * ROOM + w] ^ value[target * ROOM + w] ^ -sign:
                same = False
                break
        if same:
            recipe[KIND], recipe[FIRST], recipe[SIGN] = ALONE, 2 * at + sign, 0
            return True
    return False


def covering(
    target: int, sign: int, count: int, usable: Row, value: Row, frame: Row, cover: Row
) -> int:
    """Literals that the target implies, into ``cover``; how many."""
    found = 0
    for i in range(count):
        for phase in range(2):
            literal = 2 * usable[i] + phase
            if covers(target, sign, literal, value, frame):
                cover[found] = literal
                found += 1
    return found


def meets(
    target: int, sign: int, literal: int, kind: int, a: int, b: int, value: Row, frame: Row
) -> bool:
    """Whether target = literal ∧ inner(a, b)."""
    for w in range(frame[WORDS]):
        other = inner(kind, a, b, w, value) if kind else word(a, w, value)
        if (word(literal, w, value) & other) ^ value[target * ROOM + w] ^ -sign:
            return False
    return True


def one_and(
    target: int, sign: int, found: int, value: Row, frame: Row, cover: Row, recipe: Row
) -> bool:
    """Whether the target is an AND of two literals of ``cover``."""
    for i in range(found):
        for j in range(i):
            if meets(target, sign, cover[i], 0, cover[j], 0, value, frame):
                recipe[KIND], recipe[FIRST], recipe[INNER] = AND, cover[i], ALONE
                recipe[SECOND], recipe[SIGN] = cover[j], sign
                return True
    return False


def one_xor(target: int, count: int, usable: Row, value: Row, frame: Row, recipe: Row) -> bool:
    """Whether the target is an XOR of two divisors."""
    for i in range(count):
        for j in range(i):
            a, b = usable[i] * ROOM, usable[j] * ROOM
            sign = (value[a] ^ value[b] ^ value[target * ROOM]) & 1
            same = True
            for w in range(frame[WORDS]):
                if value[a + w] ^ value[b + w] ^ value[target * ROOM + w] ^ -sign:
                    same = False
                    break
            if same:
                recipe[KIND], recipe[FIRST], recipe[INNER] = XOR, 2 * usable[i], ALONE
                recipe[SECOND], recipe[SIGN] = 2 * usable[j], sign
                return True
    return False


def implied(target: int, sign: int, kind: int, a: int, b: int, value: Row, frame: Row) -> bool:
    """Whether target ⊆ inner(a, b)."""
    for w in range(frame[WORDS]):
        if (value[target * ROOM + w] ^ -sign) & ~inner(kind, a, b, w, value):
            return False
    return True


def two_and(
    aig: int,
    target: int,
    sign: int,
    found: int,
    count: int,
    usable: Row,
    value: Row,
    frame: Row,
    cover: Row,
    pairs: Row,
    recipe: Row,
) -> bool:
    """Whether the target is an AND of a literal of ``cover`` and a gate of two divisors."""
    if found == 0:
        return False
    # ANDs of three that are all in the cover
    for i in range(found):
        for j in range(i):
            for h in range(found):
                if (
                    h != i
                    and h != j
                    and meets(target, sign, cover[h], AND, cover[i], cover[j], value, frame)
                ):
                    recipe[KIND], recipe[FIRST], recipe[INNER] = AND, cover[h], AND
                    recipe[SECOND], recipe[THIRD], recipe[SIGN] = cover[i], cover[j], sign
                    return True
    many = 0
    for i in range(count):
        for j in range(i):
            for phases in range(4 if aig else 6):
                if many == PAIRS:
                    break
                a, b = 2 * usable[i] + (phases & 1), 2 * usable[j] + (phases >> 1 & 1)
                kind = NOT_AND
                if phases >= 4:
                    b ^= b & 1
                    kind = XOR
                if implied(target, sign, kind, a, b, value, frame):
                    pairs[3 * many], pairs[3 * many + 1], pairs[3 * many + 2] = kind, a, b
                    many += 1
    for i in range(found):
        for p in range(many):
            if meets(
                target,
                sign,
                cover[i],
                pairs[3 * p],
                pairs[3 * p + 1],
                pairs[3 * p + 2],
                value,
                frame,
            ):
                recipe[KIND], recipe[FIRST], recipe[INNER] = AND, cover[i], pairs[3 * p]
                recipe[SECOND], recipe[THIRD] = pairs[3 * p + 1], pairs[3 * p + 2]
                recipe[SIGN] = sign
                return True
    return False


def two_xor(
    target: int, count: int, usable: Row, value: Row, frame: Row, cover: Row, recipe: Row
) -> bool:
    """Whether the target is an XOR of a divisor and an AND or XOR of two; the last member of
    ``value`` is scratch."""
    rest = MOST
    for i in range(count):
        for w in range(frame[WORDS]):
            value[rest * ROOM + w] = value[target * ROOM + w] ^ value[usable[i] * ROOM + w]
        if one_xor(rest, i, usable, value, frame, recipe):
            recipe[INNER], recipe[THIRD] = XOR, recipe[SECOND]
            recipe[SECOND], recipe[FIRST] = recipe[FIRST], 2 * usable[i]
            return True
        for sign in range(2):
            found = covering(rest, sign, count, usable, value, frame, cover)
            if one_and(rest, sign, found, value, frame, cover, recipe):
                recipe[KIND], recipe[INNER], recipe[THIRD] = XOR, AND, recipe[SECOND]
                recipe[SECOND], recipe[FIRST] = recipe[FIRST], 2 * usable[i]
                return True
    return False


def express(
    aig: int,
    target: int,
    spend: int,
    refs: Row,
    member: Row,
    value: Row,
    frame: Row,
    usable: Row,
    cover: Row,
    pairs: Row,
    recipe: Row,
    state: Row,
) -> bool:
    """Write the target in at most ``spend`` new gates; the recipe says how."""
    recipe[KIND] = MISSING
    count = divisors(target, refs, member, frame, usable, state)
    if alone(target, count, usable, value, frame, recipe):
        return True
    if spend < 1:
        return False
    for sign in range(2):
        found = covering(target, sign, count, usable, value, frame, cover)
        if one_and(target, sign, found, value, frame, cover, recipe):
            return True
    if (not aig or spend > 2) and one_xor(target, count, usable, value, frame, recipe):
        return True
    if spend < 2:
        return False
    for sign in range(2):
        found = covering(target, sign, count, usable, value, frame, cover)
        if two_and(aig, target, sign, found, count, usable, value, frame, cover, pairs, recipe):
            return True
    return not aig and two_xor(target, count, usable, value, frame, cover, recipe)


def link(v: int, left: Row, right: Row, head: Row, behind: Row) -> None:
    """Enter a gate with the readers of both its fan-ins."""
    behind[2 * v] = head[left[v] >> 1]
    head[left[v] >> 1] = 2 * v
    behind[2 * v + 1] = head[right[v] >> 1]
    head[right[v] >> 1] = 2 * v + 1


def resubstitute(
    aig: int, v: int, least: int, leaves: int, pattern: Row, left: Row, right: Row, xor: Row,
    refs: Row, state: Row, stack: Row, head: Row, behind: Row, member: Row, place: Row, value: Row,
    frame: Row, usable: Row, cover: Row, pairs: Row, recipe: Row, slots: Row, scratch: Row,
    cubes: Row, program: Row, tally: Row, literal: Row, made: Row,
) -> bool:  # fmt: skip
    """Whether other nets or its leaves express ``v``, and ``least`` gates or more are saved."""
    grow(v, leaves, left, right, state, member, place, frame)
    fill(v, pattern, left, right, xor, refs, head, behind, member, place, value, frame)
    target, many = place[v] - 1, refs[v]
    for i in range(frame[LEAVES]):
        refs[member[i]] += 1
    refs[v] = 1
    freed = release(v, left, right, refs, stack, state)
    found = express(
        aig, target, freed - least, refs, member, value, frame, usable, cover, pairs, recipe, state
    )
    if not found and freed >= COLLAPSED:
        for w in range(frame[WORDS]):
            scratch[w] = value[target * ROOM + w]
        root = factored(frame[LEAVES], frame[WORDS], pattern, scratch, cubes, program, tally)
        for i in range(frame[LEAVES]):
            literal[i] = 2 * member[i]
        found = root >= 0 and freed - least >= candidate(
            aig, v, BASE, 0, tally[GATES], freed - least, literal, program, left, right, xor, refs,
            slots, made,
        )  # fmt: skip
        recipe[KIND], recipe[FIRST], recipe[SECOND] = FACTORED, root, tally[GATES]
    acquire(v, left, right, refs, stack, state)
    refs[v] = many
    for i in range(frame[LEAVES]):
        refs[member[i]] -= 1
    clear(member, place, frame)
    return found


def write_recipe(
    aig: int, v: int, left: Row, right: Row, xor: Row, refs: Row, slots: Row, state: Row, cut: Row,
    cuts: Row, merged: Row, spread: Row, member: Row, recipe: Row, program: Row, literal: Row,
) -> int:  # fmt: skip
    """The literal of a recipe's gates."""
    if recipe[KIND] == FACTORED:
        write_gates(
            aig, BASE, 0, recipe[SECOND], literal, program, left, right, xor, refs, slots, state,
            cut, cuts, merged, spread,
        )  # fmt: skip
        return literal[recipe[FIRST] >> 1] ^ (recipe[FIRST] & 1)
    first = 2 * member[recipe[FIRST] >> 1] + (recipe[FIRST] & 1)
    if recipe[KIND] == ALONE:
        return first ^ recipe[SIGN]
    other = 2 * member[recipe[SECOND] >> 1] + (recipe[SECOND] & 1)
    if recipe[INNER] != ALONE:
        third = 2 * member[recipe[THIRD] >> 1] + (recipe[THIRD] & 1)
        other = make(
            aig, recipe[INNER] == XOR, other, third, left, right, xor, refs, slots, state, cut,
            cuts, merged, spread,
        ) ^ (recipe[INNER] == NOT_AND)  # fmt: skip
    if other >> 1 == v:
        return 2 * v
    return recipe[SIGN] ^ make(
        aig, recipe[KIND] == XOR, first, other, left, right, xor, refs, slots, state, cut, cuts,
        merged, spread,
    )  # fmt: skip


RESUBSTITUTION = (
    *FACTORING,
    link, grow, tabulate, fill, clear, word, inner, covers, divisors, alone, covering, meets,
    one_and, one_xor, implied, two_and, two_xor, express, resubstitute, write_recipe,
)  # fmt: skip
"""What a loop that calls `link`, `resubstitute` and `write_recipe` needs beside `REPLACING`."""
