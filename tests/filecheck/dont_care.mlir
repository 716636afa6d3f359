// RUN: lgc opt %s -p dont-care | filecheck %s

func.func @main(%x: tensor<4xui8>) -> !logic.bits<3> {
  %0 = logic.threshold %x feature dense<[0, 0, 1, 2, 3]> : tensor<5xi32> level <[2.0, 3.0, 0.0, 0.0, 255.0]> one_hot dense<[-1, 0, 0, -1]> : tensor<4xi32> : tensor<4xui8> -> !logic.bits<5>
  %1 = logic.circuit %0 : !logic.bits<5> -> !logic.bits<3> ["in 5", "%5 = a&b %0 %1", "%6 = a&~b %5 %3", "%7 = a&b %6 %2", "%8 = a|b %7 %4", "%9 = a&b %4 %0", "out %6 %8 %9"]
  func.return %1 : !logic.bits<3>
}

// x > 2 and x > 3 is x > 3; of a pair one is set, so that one is the complement of the other; no byte is above 255.
// CHECK:      logic.threshold %x feature dense<[0, 0, 1, 2, 3]> {{.*}} one_hot dense<[-1, 0, 0, -1]> : tensor<4xi32> : tensor<4xui8>
// CHECK-NEXT: %1 = logic.circuit %0 : !logic.bits<5> -> !logic.bits<3> [
// CHECK-NEXT:   "in 5",
// CHECK-NEXT:   "%5 = a&b %1 %2",
// CHECK-NEXT:   "%6 = 0 %0 %0",
// CHECK-NEXT:   "out %5 %5 %6"
// CHECK-NEXT: ]
