// RUN: lgc opt %s -p O2 | filecheck %s

func.func @main(%x: tensor<2xf32>) -> tensor<2xi32> {
  %0 = logic.threshold %x feature dense<[0, 1]> : tensor<2xi32> level <[0.5, 0.5]> : tensor<2xf32> -> !logic.bits<2>
  %1 = logic.circuit %0 : !logic.bits<2> -> !logic.bits<2> ["in 2", "%2 = a&b %0 %1", "%3 = ~(a&b) %1 %0", "out %2 %3"]
  %2 = logic.circuit %1 : !logic.bits<2> -> !logic.bits<2> ["in 2", "%2 = a|b %0 %1", "%3 = a&~b %0 %1", "out %2 %3"]
  %3 = logic.group_sum %2 {tau = 10.0 : f64} : !logic.bits<2> -> tensor<2xi32>
  func.return %3 : tensor<2xi32>
}

// CHECK:      func.func @main(%x: tensor<2xf32>) -> tensor<2xi32> {
// CHECK-NEXT:   %0 = logic.threshold %x feature dense<[0, 1]> : tensor<2xi32>
// CHECK-NEXT:   %1 = logic.circuit %0 : !logic.bits<2> -> !logic.bits<2> [
// CHECK-NEXT:     "in 2",
// CHECK-NEXT:     "%2 = a&b %0 %1",
// CHECK-NEXT:     "%3 = 1 %0 %0",
// CHECK-NEXT:     "out %3 %2"
// CHECK-NEXT:   ]
// CHECK-NEXT:   %2 = logic.group_sum %1 {tau = 1.000000e+01 : f64}
