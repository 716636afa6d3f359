// RUN: lgc opt %s -p fold | filecheck %s --check-prefix FOLD
// RUN: lgc opt %s -p strash | filecheck %s --check-prefix STRASH
// RUN: lgc opt %s -p dce | filecheck %s --check-prefix DCE
// RUN: lgc opt %s -p "fixpoint(fold,dce)" --check exhaustive | filecheck %s --check-prefix BOTH

func.func @main(%x: !logic.bits<2>) -> !logic.bits<2> {
  %1 = logic.circuit %x : !logic.bits<2> -> !logic.bits<2> [
    "in 2", "%2 = ~a %0 %0", "%3 = a&b %2 %1", "%4 = a&~b %1 %0", "%5 = a|b %3 %1", "out %3 %4"]
  func.return %1 : !logic.bits<2>
}

// FOLD:       "%2 = ~a&b %0 %1",
// FOLD-NEXT:  "%3 = a&~b %1 %0",
// FOLD-NEXT:  "%4 = a|b %2 %1",
// FOLD-NEXT:  "out %2 %3"

// STRASH:      "%2 = ~a&b %0 %1",
// STRASH-NEXT: "%3 = a|b %1 %2",
// STRASH-NEXT: "out %2 %2"

// DCE:       "%2 = ~a %0 %0",
// DCE-NEXT:  "%3 = a&b %2 %1",
// DCE-NEXT:  "%4 = a&~b %1 %0",
// DCE-NEXT:  "out %3 %4"

// BOTH:      "%2 = ~a&b %0 %1",
// BOTH-NEXT: "%3 = a&~b %1 %0",
// BOTH-NEXT: "out %2 %3"
