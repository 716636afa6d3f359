// RUN: lgc opt %s -p unroll-map | filecheck %s

func.func @main(%x: !logic.bits<3>) -> !logic.bits<3> {
  %0 = logic.map %x at dense<[[0, 1], [2, -1]]> : tensor<2x2xi32> net <"in 2; %2 = a|b %0 %1; out %2"> keep dense<1> : tensor<1xi32> : !logic.bits<3> -> !logic.bits<3>
  func.return %0 : !logic.bits<3>
}

// CHECK:      %0 = logic.circuit %x : !logic.bits<3> -> !logic.bits<3> [
// CHECK-NEXT:   "in 3",
// CHECK-NEXT:   "%3 = 0 %0 %0",
// CHECK-NEXT:   "%4 = a|b %0 %1",
// CHECK-NEXT:   "%5 = a|b %2 %3",
// CHECK-NEXT:   "out %1 %4 %5"
// CHECK-NEXT: ]
