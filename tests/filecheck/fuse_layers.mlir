// RUN: lgc opt %s -p fuse-layers | filecheck %s

func.func @main(%x: !logic.bits<2>) -> !logic.bits<1> {
  %1 = logic.circuit %x : !logic.bits<2> -> !logic.bits<2> ["in 2", "%2 = a&b %0 %1", "out %2 %0"]
  %2 = logic.circuit %1 : !logic.bits<2> -> !logic.bits<1> ["in 2", "%2 = a^b %0 %1", "out %2"]
  func.return %2 : !logic.bits<1>
}

// CHECK:      %0 = logic.circuit %x : !logic.bits<2> -> !logic.bits<1> [
// CHECK-NEXT:   "in 2",
// CHECK-NEXT:   "%2 = a&b %0 %1",
// CHECK-NEXT:   "%3 = a^b %2 %0",
// CHECK-NEXT:   "out %3"
// CHECK-NEXT: ]
// CHECK-NEXT: func.return %0
