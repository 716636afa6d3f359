// RUN: lgc opt %s -p rewrite{cost=lut3} | filecheck %s --check-prefix=LUT
// RUN: lgc opt %s -p rewrite{cost=sha3} | filecheck %s --check-prefix=LUT
// RUN: lgc opt %s -p "rewrite{cost=depth seconds=100}" | filecheck %s --check-prefix=DEPTH

// a ⊕ b ⊕ c ⊕ d as a chain: two LUTs of three inputs, or two levels of gates.
func.func @main(%x: !logic.bits<4>) -> !logic.bits<1> {
  %0 = logic.circuit %x : !logic.bits<4> -> !logic.bits<1> ["in 4", "%4 = a^b %0 %1", "%5 = a^b %4 %2", "%6 = a^b %5 %3", "out %6"]
  func.return %0 : !logic.bits<1>
}

// LUT:      "in 4",
// LUT-NEXT: "%4 = 0x
// LUT-NEXT: "%5 =
// LUT-NEXT: "out %5"

// DEPTH:      "in 4",
// DEPTH-NEXT: "%4 = a^b
// DEPTH-NEXT: "%5 = a^b
// DEPTH-NEXT: "%6 = {{.*}} %4 %5
// DEPTH-NEXT: "out %6"
