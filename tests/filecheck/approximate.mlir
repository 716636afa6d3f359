// RUN: lgc opt %s -p 'approximate{data="lgc/demo/digits_test.npz" tolerance=1.0 margin=0}' | filecheck %s

// The first pixel of these images is always 0, and so is what reads it with an AND.
func.func @main(%x: tensor<64xui8>) -> tensor<10xi32> {
  %0 = logic.threshold %x feature dense<[0, 36, 21]> : tensor<3xi32> level <[0.0, 8.0, 8.0]> : tensor<64xui8> -> !logic.bits<3>
  %1 = logic.circuit %0 : !logic.bits<3> -> !logic.bits<10> ["in 3", "%3 = a|b %0 %1", "%4 = a&b %0 %2", "%5 = a^b %3 %2", "out %3 %4 %5 %1 %2 %0 %3 %4 %5 %1"]
  %2 = logic.group_sum %1 {tau = 1.0 : f64} : !logic.bits<10> -> tensor<10xi32>
  func.return %2 : tensor<10xi32>
}

// CHECK:      builtin.module attributes {lgc.approximate = "3 to 1 gates; accuracy on 288 training rows 2.78% to 2.78%, on 72 rows held back 2.78% to 2.78%; nets merged that differ on at most 1 % of training rows, budget 0.1 points, margin 0, seed 0"} {
// CHECK:      logic.circuit
// CHECK-NEXT: "in 3",
// CHECK-NEXT: "%3 = a^b %1 %2",
// CHECK-NEXT: "out %1 %0 %3 %1 %2 %0 %1 %0 %3 %1"
