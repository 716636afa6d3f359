// RUN: lgc opt %s -p O2 | filecheck %s

func.func @main(%x: tensor<4xui8>) -> tensor<i64> {
  %0 = logic.threshold %x feature dense<[0, 1, 2, 3]> : tensor<4xi32> level <[127.0, 127.0, 127.0, 127.0]> : tensor<4xui8> -> !logic.bits<4>
  %1 = logic.map %0 at dense<[[0, 1], [2, 3], [3, -1]]> : tensor<3x2xi32> net <"in 2; %2 = ~a %0 %0; %3 = a&b %2 %1; out %3"> : !logic.bits<4> -> !logic.bits<3>
  %2 = logic.group_sum %1 {tau = 1.0 : f64, group = dense<[0, 1, 1]> : tensor<3xi32>} : !logic.bits<3> -> tensor<2xi32>
  %3 = logic.argmax %2 : tensor<2xi32> -> tensor<i64>
  func.return %3 : tensor<i64>
}

// CHECK:      logic.threshold
// CHECK-NEXT: logic.map %0 at dense<{{.*}}> : tensor<3x2xi32> net <"in 2; %2 = ~a&b %0 %1; out %2">
// CHECK-NEXT: logic.group_sum %1 {{.*}} : !logic.bits<3> -> tensor<2xi32>
// CHECK-NEXT: logic.argmax %2 : tensor<2xi32> -> tensor<i64>
