// RUN: lgc opt %s -p O3 | filecheck %s

// A bit that is held, and class sums of which one bit is counted twice.
func.func @main(%x: tensor<2xi1>) -> tensor<2xi32> {
  %0 = logic.threshold %x feature dense<[0, 1]> : tensor<2xi32> level <[0.0, 0.0]> : tensor<2xi1> -> !logic.bits<2>
  %1 = logic.read_state %0 : !logic.bits<2> initial "10" -> !logic.bits<4>
  %2 = logic.circuit %1 : !logic.bits<4> -> !logic.bits<4> ["in 4", "%4 = a^b %0 %2", "%5 = a&b %1 %3", "%6 = ~a %5 %5", "out %4 %5 %6 %3"]
  %3 = logic.circuit %2 : !logic.bits<4> -> !logic.bits<6> ["in 4", "%4 = ~a %2 %2", "out %0 %1 %1 %4 %0 %3"]
  %4 = logic.write_state %3 : !logic.bits<6> -> !logic.bits<4>
  %5 = logic.group_sum %4 {tau = 1.0 : f64} : !logic.bits<4> -> tensor<2xi32>
  func.return %5 : tensor<2xi32>
}

// CHECK:      %0 = logic.threshold
// CHECK-NEXT: %1 = logic.read_state %0 : !logic.bits<2> initial "10" -> !logic.bits<4>
// CHECK-NEXT: %2 = logic.circuit %1 : !logic.bits<4> -> !logic.bits<5> [
// CHECK-NEXT:   "in 4",
// CHECK-NEXT:   "%4 = a^b %0 %2",
// CHECK-NEXT:   "%5 = a&b %1 %3",
// CHECK-NEXT:   "out %4 %5 %5 %4 %3"
// CHECK-NEXT: ]
// CHECK-NEXT: %3 = logic.write_state %2 : !logic.bits<5> -> !logic.bits<3>
// CHECK-NEXT: %4 = logic.group_sum %3 {{.*}} : !logic.bits<3> -> tensor<2xi32>
