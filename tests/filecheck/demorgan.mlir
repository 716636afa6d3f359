// RUN: lgc opt %s -p demorgan | filecheck %s --check-prefix FEWEST
// RUN: lgc opt %s -p "demorgan{direction=inputs}" --check exhaustive | filecheck %s --check-prefix INPUTS

func.func @main(%x: !logic.bits<3>) -> !logic.bits<1> {
  %1 = logic.circuit %x : !logic.bits<3> -> !logic.bits<1> ["in 3", "%3 = a&b %0 %1", "%4 = ~(a&b) %3 %2", "out %4"]
  func.return %1 : !logic.bits<1>
}

// One inverter, behind the last gate; or three, all at inputs.
// FEWEST:      "%3 = a&b %0 %1",
// FEWEST-NEXT: "%4 = a&b %3 %2",
// FEWEST-NEXT: "%5 = ~a %4 %4",
// FEWEST-NEXT: "out %5"

// INPUTS:      "%3 = ~(a&b) %0 %1",
// INPUTS-NEXT: "%4 = a|~b %3 %2",
// INPUTS-NEXT: "out %4"
