// RUN: lgc opt %s -p unpack | filecheck %s --check-prefix OPEN
// RUN: lgc opt %s -p unpack,canonicalize,pack | filecheck %s --check-prefix CLOSED

func.func @main(%x: !logic.bits<2>) -> !logic.bits<2> {
  %1 = logic.circuit %x : !logic.bits<2> -> !logic.bits<2> [
    "in 2", "%2 = ~a %0 %0", "%3 = ~b %0 %1", "%4 = a&b %2 %3", "%5 = ~a&b %0 %1", "out %4 %5"]
  func.return %1 : !logic.bits<2>
}

// OPEN:      logic.open %x : !logic.bits<2> -> !logic.bits<2> {
// OPEN-NEXT: ^bb0(%[[a:\w+]]: i1, %[[b:\w+]]: i1):
// OPEN:        logic.not
// OPEN:        logic.not
// OPEN:        logic.and
// OPEN:        logic.andn %[[b]], %[[a]]
// OPEN:        logic.yield

// CLOSED:      "in 2",
// CLOSED-NEXT: "%2 = ~(a|b) %0 %1",
// CLOSED-NEXT: "%3 = a&~b %1 %0",
// CLOSED-NEXT: "out %2 %3"
