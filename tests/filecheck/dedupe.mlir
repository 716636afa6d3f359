// RUN: lgc opt %s -p dedupe | filecheck %s

func.func @main(%x: tensor<2xui8>) -> !logic.bits<3> {
  %0 = logic.threshold %x feature dense<[0, 0, 1]> : tensor<3xi32> level <[2.0, 3.0, 0.0]> : tensor<2xui8> -> !logic.bits<3>
  %1 = logic.circuit %0 : !logic.bits<3> -> !logic.bits<3> ["in 3", "%3 = a|b %0 %2", "%4 = a&b %0 %2", "%5 = a&~b %3 %4", "%6 = ~(a^b) %0 %2", "%7 = a|b %0 %1", "out %5 %6 %7"]
  func.return %1 : !logic.bits<3>
}

// (a ∨ b) ∧ ¬(a ∧ b) = a ⊕ b, and x > 3 implies x > 2.
// CHECK:      %1 = logic.circuit
// CHECK-NEXT:   "in 3",
// CHECK-NEXT:   "%3 = a^b %0 %2",
// CHECK-NEXT:   "%4 = ~a %3 %3",
// CHECK-NEXT:   "out %3 %4 %0"
