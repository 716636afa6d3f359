// RUN: lgc opt %s -p "to-basis{basis=nand}" | filecheck %s --check-prefix NAND
// RUN: lgc opt %s -p "to-basis{basis=xag rounds=4}" | filecheck %s --check-prefix XAG
// RUN: lgc opt %s -p 'to-basis{basis="nimply,1"}' --check exhaustive | filecheck %s --check-prefix NIMPLY

func.func @main(%x: !logic.bits<2>) -> !logic.bits<1> {
  %1 = logic.circuit %x : !logic.bits<2> -> !logic.bits<1> ["in 2", "%2 = ~(a^b) %0 %1", "out %2"]
  func.return %1 : !logic.bits<1>
}

// Four gates for a ⊕ b, and an inverter.
// NAND:          "in 2",
// NAND-COUNT-5:  = ~(a&b)
// NAND-NEXT:     "out %6"

// XAG:          "in 2",
// XAG-DAG:      = a^b
// XAG-DAG:      = ~a
// XAG:          "out %3"

// NIMPLY:       "%2 = 1 %0 %0",
// NIMPLY-COUNT-4: = a&~b
// NIMPLY-NEXT:  "out %6"
