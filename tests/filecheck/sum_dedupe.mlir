// RUN: lgc opt %s -p sum-dedupe | filecheck %s
// RUN: lgc opt %s -p lower-sums | filecheck %s --check-prefix SUMS
// RUN: lgc opt %s -p 'lower-sums{to=class}' | filecheck %s --check-prefix CLASS

// a∧b + a∨b = a + b, and a third output is counted twice.
func.func @main(%x: !logic.bits<3>) -> tensor<1xi32> {
  %1 = logic.circuit %x : !logic.bits<3> -> !logic.bits<4> ["in 3", "%3 = a&b %0 %1", "%4 = a|b %1 %0", "%5 = a&b %1 %2", "out %3 %4 %5 %5"]
  %2 = logic.group_sum %1 {tau = 1.0 : f64} : !logic.bits<4> -> tensor<1xi32>
  func.return %2 : tensor<1xi32>
}

// CHECK:      %0 = logic.circuit %x : !logic.bits<3> -> !logic.bits<3> [
// CHECK-NEXT:   "in 3",
// CHECK-NEXT:   "%3 = a&b %1 %2",
// CHECK-NEXT:   "out %0 %1 %3"
// CHECK-NEXT: ]
// CHECK-NEXT: logic.group_sum %0 {{.*}}weight = dense<[1, 1, 2]>

// SUMS: group = dense<0>
// SUMS-SAME: weight = dense<[1, 2, 4]>

// CLASS:      -> tensor<i64> {
// CLASS:      logic.index %0 : !logic.bits<1> -> tensor<i64>
// CLASS-NEXT: func.return %1 : tensor<i64>
