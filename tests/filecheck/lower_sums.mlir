// RUN: lgc opt %s -p 'lower-sums{apart=true}' | filecheck %s
// RUN: lgc opt %s -p 'lower-sums{apart=true},lower-sums{to=class apart=true}' | filecheck %s --check-prefix CLASS

// Sums that may be negative: two's complement, the last weight of a class negative.
func.func @main(%x: !logic.bits<2>) -> tensor<2xi32> {
  %1 = logic.circuit %x : !logic.bits<2> -> !logic.bits<3> ["in 2", "%2 = a^b %0 %1", "out %2 %1 %0"]
  %2 = logic.group_sum %1 {group = dense<[0, 1, 1]> : tensor<3xi32>, weight = dense<[-1, 1, -1]> : tensor<3xi32>, tau = 1.0 : f64} : !logic.bits<3> -> tensor<2xi32>
  func.return %2 : tensor<2xi32>
}

// CHECK:      %0 = logic.circuit %x : !logic.bits<2> -> !logic.bits<3> [
// CHECK:        "out %2 %1 %0"
// CHECK:      %1 = logic.circuit %0 : !logic.bits<3> -> !logic.bits<4> [
// CHECK:      logic.group_sum %1 {group = dense<[0, 0, 1, 1]>
// CHECK-SAME: weight = dense<[1, -2, 1, -2]>

// CLASS:      %2 = logic.circuit %1 : !logic.bits<4> -> !logic.bits<1> [
// CLASS:      logic.index %2
