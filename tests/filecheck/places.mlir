// RUN: lgc opt %s -p O2 | filecheck %s

// Bit 9 of a byte is 0, and bits that are the same bit of the same number are equal.

func.func @main(%x: tensor<2xui8>) -> tensor<i64> {
  %0 = logic.places %x feature dense<[0, 1, 0, 0]> : tensor<4xi32> place dense<[7, 0, 9, 7]> : tensor<4xi32> : tensor<2xui8> -> !logic.bits<4>
  %1 = logic.circuit %0 : !logic.bits<4> -> !logic.bits<2> ["in 4", "%4 = a|b %0 %1", "%5 = a&~b %1 %0", "out %4 %5"]
  %2 = logic.index %1 : !logic.bits<2> -> tensor<i64>
  func.return %2 : tensor<i64>
}

// CHECK:      func.func @main(%x: tensor<2xui8>) -> tensor<i64> {
// CHECK-NEXT:   %0 = logic.places %x feature dense<[0, 1, 0, 0]> : tensor<4xi32> place dense<[7, 0, 9, 7]> : tensor<4xi32> : tensor<2xui8> -> !logic.bits<4>
// CHECK-NEXT:   %1 = logic.circuit %0
// CHECK-NEXT:     "in 4",
// CHECK-NEXT:     "%4 = a|b %0 %1",
// CHECK-NEXT:     "%5 = ~a&b %0 %1",
// CHECK-NEXT:     "out %4 %5"
// CHECK-NEXT:   ]
// CHECK-NEXT:   %2 = logic.index %1
