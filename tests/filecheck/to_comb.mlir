// RUN: lgc opt %s -p to-comb | filecheck %s

func.func @main(%x: !logic.bits<3>) -> !logic.bits<2> {
  %0 = logic.open %x : !logic.bits<3> -> !logic.bits<2> {
  ^bb0(%a: i1, %b: i1, %c: i1):
    %1 = logic.andn %a, %b
    %2 = logic.xnor %1, %c
    logic.yield %1, %2
  }
  func.return %0 : !logic.bits<2>
}

// CHECK:      hw.module @main(in %x0: i1, in %x1: i1, in %x2: i1, out y0: i1, out y1: i1) {
// CHECK-NEXT:   %0 = hw.constant true
// CHECK-NEXT:   %1 = comb.xor %x1, %0 : i1
// CHECK-NEXT:   %2 = comb.and %x0, %1 : i1
// CHECK-NEXT:   %3 = comb.xor %2, %x2 : i1
// CHECK-NEXT:   %4 = comb.xor %3, %0 : i1
// CHECK-NEXT:   hw.output %2, %4 : i1, i1
