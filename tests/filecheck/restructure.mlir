// RUN: lgc opt %s -p restructure{turns=2},dce | filecheck %s

// (a ∧ b) ∨ (a ∧ c) = a ∧ (b ∨ c): one gate less.
func.func @main(%x: !logic.bits<3>) -> !logic.bits<1> {
  %0 = logic.circuit %x : !logic.bits<3> -> !logic.bits<1> ["in 3", "%3 = a&b %0 %1", "%4 = a&b %0 %2", "%5 = a|b %3 %4", "out %5"]
  func.return %0 : !logic.bits<1>
}

// CHECK:      "in 3",
// CHECK-NEXT: "%3 =
// CHECK-NEXT: "%4 =
// CHECK-NEXT: "out %4"
