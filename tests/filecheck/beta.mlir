// RUN: lgc opt %s -p O3,lower-sums | filecheck %s

func.func @main(%x: !logic.bits<4>) -> tensor<2xi32> {
  %0 = logic.circuit %x : !logic.bits<4> -> !logic.bits<4> [
    "in 4",
    "%4 = a&b %0 %1",
    "%5 = a|b %0 %1",
    "%6 = a^b %2 %3",
    "out %4 %5 %6 %6"
  ]
  %1 = logic.group_sum %0 {tau = 2.0 : f64, beta = 0.5 : f64} : !logic.bits<4> -> tensor<2xi32>
  func.return %1 : tensor<2xi32>
}

// CHECK:      logic.circuit
// CHECK:      logic.group_sum %0 {{.*}}tau = {{.*}}, beta = 5.000000e-01 : f64}
