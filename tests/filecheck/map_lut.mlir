// RUN: lgc opt %s -p map-lut | filecheck %s

func.func @main(%x: !logic.bits<3>) -> !logic.bits<2> {
  %1 = logic.circuit %x : !logic.bits<3> -> !logic.bits<2> ["in 3", "%3 = a&b %0 %1", "%4 = a^b %3 %2", "%5 = ~a %3 %0", "%6 = a|b %5 %2", "out %4 %6"]
  func.return %1 : !logic.bits<2>
}

// Two gates of three fan-ins instead of four of two: neither %3 nor %5 is computed.
// CHECK:      %0 = logic.circuit %x : !logic.bits<3> -> !logic.bits<2> [
// CHECK-NEXT:   "in 3",
// CHECK-NEXT:   "%3 = 0x56 %0 %1 %2",
// CHECK-NEXT:   "%4 = 0xfd %0 %1 %2",
// CHECK-NEXT:   "out %3 %4"
// CHECK-NEXT: ]
// CHECK-NEXT: func.return %0
