// RUN: lgc opt %s -p balance | filecheck %s

// A chain of ANDs becomes a tree of depth 2.
func.func @main(%x: !logic.bits<4>) -> !logic.bits<1> {
  %0 = logic.circuit %x : !logic.bits<4> -> !logic.bits<1> ["in 4", "%4 = a&b %0 %1", "%5 = a&b %4 %2", "%6 = a&b %5 %3", "out %6"]
  func.return %0 : !logic.bits<1>
}

// CHECK:      "in 4",
// CHECK:      "%6 = a&b %{{[45]}} %{{[45]}}",
// CHECK-NEXT: "out %6"
