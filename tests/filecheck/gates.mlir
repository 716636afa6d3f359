// RUN: lgc opt %s | filecheck %s

func.func @main(%x: !logic.bits<2>) -> !logic.bits<1> {
  %0 = logic.open %x : !logic.bits<2> -> !logic.bits<1> {
  ^bb0(%a: i1, %b: i1):
    %1 = logic.and %a, %b
    %2 = logic.andn %a, %1
    %3 = logic.or %1, %2
    %4 = logic.orn %3, %a
    %5 = logic.xor %4, %b
    %6 = logic.nand %5, %a
    %7 = logic.nor %6, %5
    %8 = logic.xnor %7, %6
    %9 = logic.not %8
    %10 = logic.constant 1 : i1
    %11 = logic.lut 232 : ui64 (%8, %9, %10)
    logic.yield %11
  }
  func.return %0 : !logic.bits<1>
}

// CHECK:      ^bb0(%[[a:\w+]]: i1, %[[b:\w+]]: i1):
// CHECK-NEXT: %[[c:\w+]] = logic.and %[[a]], %[[b]]
// CHECK-NEXT: %[[d:\w+]] = logic.andn %[[a]], %[[c]]
// CHECK-NEXT: %[[e:\w+]] = logic.or %[[c]], %[[d]]
// CHECK-NEXT: %[[f:\w+]] = logic.orn %[[e]], %[[a]]
// CHECK-NEXT: %[[g:\w+]] = logic.xor %[[f]], %[[b]]
// CHECK-NEXT: %[[h:\w+]] = logic.nand %[[g]], %[[a]]
// CHECK-NEXT: %[[i:\w+]] = logic.nor %[[h]], %[[g]]
// CHECK-NEXT: %[[j:\w+]] = logic.xnor %[[i]], %[[h]]
// CHECK-NEXT: %[[k:\w+]] = logic.not %[[j]]
// CHECK-NEXT: %[[l:\w+]] = logic.constant true
// CHECK-NEXT: %[[m:\w+]] = logic.lut 232 : ui64(%[[j]], %[[k]], %[[l]])
// CHECK-NEXT: logic.yield %[[m]]
