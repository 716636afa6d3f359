// RUN: lgc opt %s -p narrow | filecheck %s

// Output 1 of the map is the constant 1 and output 2 its first input; nobody reads output 3.
func.func @main(%x: !logic.bits<3>) -> !logic.bits<2> {
  %0 = logic.map %x at dense<[[0, 1], [2, -1]]> : tensor<2x2xi32> net <"in 2; %2 = a|b %0 %1; %3 = 1 %0 %0; %4 = a^b %0 %1; out %2 %3 %0 %4"> : !logic.bits<3> -> !logic.bits<8>
  %1 = logic.circuit %0 : !logic.bits<8> -> !logic.bits<2> ["in 8", "%8 = a&b %0 %1", "%9 = a^b %4 %6", "out %8 %9"]
  func.return %1 : !logic.bits<2>
}

// CHECK:      %0 = logic.map %x at dense<{{.*}}> : tensor<2x2xi32> net <"in 2; %2 = a|b %0 %1; %3 = 1 %0 %0; %4 = a^b %0 %1; out %2"> keep dense<2> : tensor<1xi32> : !logic.bits<3> -> !logic.bits<3>
// CHECK-NEXT: %1 = logic.circuit %0 : !logic.bits<3> -> !logic.bits<2> [
// CHECK-NEXT:   "in 3",
// CHECK-NEXT:   "%3 = 1 %0 %0",
// CHECK-NEXT:   "%4 = a&b %1 %3",
// CHECK-NEXT:   "%5 = a^b %2 %0",
// CHECK-NEXT:   "out %4 %5"
// CHECK-NEXT: ]
